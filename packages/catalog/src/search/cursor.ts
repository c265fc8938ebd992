import { GgenError, sha256, toHex } from "@ggen/p2p-types";

import type { Place } from "./search-request.ts";

/** What a query asks for, without how much of it: cursors of one query are refused by another. */
export type QueryIdentity = readonly unknown[];

/** Longest cursor in characters: 24 weights and the longest title fit. */
export const maxCursorLength = 4000;
/** Longest title in lower case, in UTF-16 units. */
const maxKeyLength = 600;
const maxWeights = 64;
const maxWeight = 1000;
const checkLength = 16;
const format = /^[A-Za-z0-9_-]+$/;

/**
 * A place as text that means nothing to its holder. It tells no secret and grants nothing, so it is not signed; a part of
 * a hash keeps it from being changed by mistake, or given to another query.
 */
export function encodeCursor({ asOf, seen, key, updated, listing, weights }: Place, identity: QueryIdentity): string {
  const body = JSON.stringify([asOf, seen, key, updated, listing, weights]);
  return Buffer.from(checkOf(body, identity) + body).toString("base64url");
}

/**
 * The place in a cursor.
 * @param cursor - anything
 * @param keyIs - what this query is ordered by
 * @throws GgenError `search.cursor` when it is none of ours, or one of another query
 */
export function decodeCursor(cursor: string, identity: QueryIdentity, keyIs: "number" | "string"): Place {
  if (cursor.length > maxCursorLength || !format.test(cursor)) throw refused(cursor);
  const text = Buffer.from(cursor, "base64url").toString();
  const body = text.slice(checkLength);
  if (text.slice(0, checkLength) !== checkOf(body, identity)) throw refused(cursor);
  const place = parse(body);
  if (place === undefined || typeof place.key !== keyIs) throw refused(cursor);
  return place;
}

function checkOf(body: string, identity: QueryIdentity): string {
  return toHex(sha256(new TextEncoder().encode(JSON.stringify([body, identity])))).slice(0, checkLength);
}

/** Its parts, each in its range: whoever can hash can write a cursor. */
function parse(body: string): Place | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 6) return undefined;
  const [asOf, seen, key, updated, listing, weights] = parts as unknown[];
  const isKey = typeof key === "string" ? key.length <= maxKeyLength : Number.isFinite(key);
  if (!isCount(asOf) || !isCount(seen) || !isCount(updated) || !isCount(listing) || !isKey) return undefined;
  if (!Array.isArray(weights) || weights.length > maxWeights || !weights.every(isWeight)) return undefined;
  return { asOf, seen, key: key as number | string, updated, listing, weights };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isWeight = (value: unknown): value is number => typeof value === "number" && value > 0 && value <= maxWeight;

function refused(cursor: string): GgenError {
  return new GgenError("search.cursor", "The cursor does not belong to this search", {
    expected: "the `next` of an earlier page of the same query",
    got: JSON.stringify(cursor.slice(0, 64)),
    hint: "Search again without a cursor.",
  });
}
