import type { Query } from "@ggen/p2p-types";

import { checkText, decodeMessage, encodeMessage } from "./dag-cbor.ts";

/** Largest request frame of `/ggen/search/1` in bytes. */
export const maxSearchRequestBytes: number = 8 * 1024;
const maxResults = 100;
const maxTerms = 32;
const maxTermLength = 100;

/** Encodes a query. `sort` and `minReputation` stay home: they are the asker's own. */
export function encodeSearchRequest(query: Query): Uint8Array {
  const { text, keywords, categories, category, tags, publisher, limit, offset } = query;
  return encodeMessage({ text, keywords, categories, category, tags, publisher, limit: limit ?? maxResults, offset });
}

/** Decodes a query. @throws GgenError `network.protocol` */
export function decodeSearchRequest(bytes: Uint8Array): Query {
  const fields = decodeMessage(bytes);
  const terms = (name: string): string[] | undefined =>
    fields.has(name)
      ? fields.list(name, maxTerms, (value, field) => checkText(value, field, maxTermLength))
      : undefined;
  const text = (name: string, max: number): string | undefined =>
    fields.has(name) ? fields.text(name, max) : undefined;
  const found = {
    text: text("text", 1000),
    keywords: terms("keywords"),
    categories: terms("categories"),
    category: text("category", maxTermLength),
    tags: terms("tags"),
    publisher: text("publisher", maxTermLength),
    limit: fields.integer("limit", 1, maxResults),
    offset: fields.has("offset") ? fields.integer("offset", 0, 1_000_000) : undefined,
  };
  fields.end();
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Query;
}

/** Encodes the first frame of an answer: how many packages match. Frames as of `/ggen/ops/1` follow. */
export function encodeSearchTotal(total: number): Uint8Array {
  return encodeMessage({ total });
}

/** Decodes the first frame of an answer. @throws GgenError `network.protocol` */
export function decodeSearchTotal(bytes: Uint8Array): number {
  const fields = decodeMessage(bytes);
  const total = fields.integer("total", 0, Number.MAX_SAFE_INTEGER);
  fields.end();
  return total;
}
