import type { Catalog } from "@ggen/p2p-catalog";
import {
  type ChainOperation,
  decodeEnvelope,
  GgenError,
  type OperationId,
  type PublicKey,
  type PublisherChangeParams,
  type PublisherId,
  type RevokeResult,
} from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import type { Announcer } from "../publish/announcer.ts";
import { prepareChange, signChange } from "./sign-change.ts";

const minPrefixLength = 8;

interface ChainLink {
  readonly id: OperationId;
  readonly operation: ChainOperation;
}

/**
 * Ends a signing key. Without `at` and `head`, what this machine signed with the key stays valid; for the key of another
 * machine everything does, unless the key signed two operations with one number: then nobody can tell which are right.
 * @throws GgenError `publisher.key-not-found`, `publisher.unauthorised`, `publisher.frozen`, `usage.invalid`, `storage.*`
 */
export async function revokeKey(
  parts: Parts,
  announcer: Announcer,
  params: PublisherChangeParams & { readonly key: string; readonly at?: number; readonly head?: string },
): Promise<RevokeResult> {
  const prepared = await prepareChange(parts, params);
  const { publisher } = prepared;
  const key = findKey(parts, publisher, params.key);
  const chain = readChain(parts.catalog, publisher, key);
  const last = lastValid(parts, chain, params);
  const seq = last?.operation.seq ?? 0;
  const revoked = parts.catalog.publisherState(publisher)?.signingKeys.get(key)?.revoked;
  if (revoked !== undefined && revoked.seq <= seq) {
    throw new GgenError("usage.invalid", `${key} is revoked already`, {
      expected: `an earlier point than number ${revoked.seq}`,
      got: `number ${seq}`,
      data: { operation: revoked.operation, seq: revoked.seq },
    });
  }
  const head = last?.id ?? null;
  const signed = await signChange(parts, announcer, prepared, { type: "revoke", key, seq, head });
  const kept = new Set(lineOf(chain, last).map(({ id }) => id));
  const dropped = [...chain.values()]
    .filter(({ id }) => !kept.has(id))
    .flatMap(({ operation }) => releaseName(operation));
  const warnings = last === undefined || head === null ? [] : [`valid up to number ${seq}: ${describe(last)}`];
  return { ...signed, warnings: [...signed.warnings, ...warnings], key, seq, head, dropped };
}

function findKey(parts: Pick<Parts, "catalog">, publisher: PublisherId, text: string): PublicKey {
  const keys = [...(parts.catalog.publisherState(publisher)?.signingKeys ?? [])];
  const wanted = text.trim().toLowerCase();
  const found = wanted.length < minPrefixLength ? [] : keys.filter(([key]) => key.startsWith(wanted));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first[0];
  throw new GgenError("publisher.key-not-found", `${publisher} has no one signing key "${text.slice(0, 80)}"`, {
    expected: `a signing key, or its first ${minPrefixLength} or more digits`,
    got: `${found.length} keys that begin so; it has ${keys.map(([key, { label }]) => `${key.slice(0, 16)} (${label})`).join(", ") || "none"}`,
    data: { keys: keys.map(([key]) => key) },
  });
}

/** Everything that a key signed, oldest number first. */
function readChain(
  catalog: Pick<Catalog, "idsOf" | "envelopes">,
  publisher: PublisherId,
  key: PublicKey,
): ReadonlyMap<OperationId, ChainLink> {
  const links: ChainLink[] = [];
  for (const envelope of catalog.envelopes(catalog.idsOf({ publisher }, Number.MAX_SAFE_INTEGER))) {
    const { id, operation } = decodeEnvelope(envelope).signed;
    if ("seq" in operation && operation.type !== "revoke" && operation.key === key) links.push({ id, operation });
  }
  links.sort((a, b) => a.operation.seq - b.operation.seq);
  return new Map(links.map((link) => [link.id, link]));
}

function lastValid(
  parts: Pick<Parts, "catalog">,
  chain: ReadonlyMap<OperationId, ChainLink>,
  { at, head }: { readonly at?: number; readonly head?: string },
): ChainLink | undefined {
  if (at === 0 || (chain.size === 0 && at === undefined && head === undefined)) return undefined;
  const isOurs = ({ id }: ChainLink): boolean => parts.catalog.firstSeen(id)?.via === "local";
  let candidates = [...chain.values()];
  if (head !== undefined) {
    candidates = candidates.filter(({ id }) => head.length >= minPrefixLength && id.startsWith(head.toLowerCase()));
  }
  if (at !== undefined) candidates = candidates.filter(({ operation }) => operation.seq === at);
  else if (head === undefined) {
    const ours = candidates.filter(isOurs);
    const parents = new Set(candidates.map(({ operation }) => operation.prev));
    candidates = ours.length > 0 ? ours.slice(-1) : candidates.filter(({ id }) => !parents.has(id));
  }
  if (candidates.length > 1 && candidates.filter(isOurs).length === 1) candidates = candidates.filter(isOurs);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  const highest = [...chain.values()].at(-1)?.operation.seq ?? 0;
  throw new GgenError(
    "usage.invalid",
    only === undefined ? "The key signed no such operation" : "The key signed several operations with one number",
    only === undefined
      ? { expected: `a number from 0 to ${highest}`, got: `${at ?? head}` }
      : {
          expected: "the last one that is right",
          got: candidates.map((link) => `${link.id.slice(0, 16)} (${describe(link)})`).join(", "),
          hint: `Name it: ${candidates.map(({ id }) => `--head ${id.slice(0, 16)}`).join(" or ")}`,
          data: { heads: candidates.map(({ id }) => id) },
        },
  );
}

/** An operation and its ancestors. */
function lineOf(chain: ReadonlyMap<OperationId, ChainLink>, last: ChainLink | undefined): ChainLink[] {
  const line: ChainLink[] = [];
  for (let link = last; link !== undefined;) {
    line.push(link);
    link = link.operation.prev === null ? undefined : chain.get(link.operation.prev);
  }
  return line;
}

function releaseName(operation: ChainOperation): string[] {
  return operation.type === "release" ? [`${operation.id}@${operation.version}`] : [];
}

function describe({ operation }: ChainLink): string {
  return `${operation.type} ${operation.id}@${operation.version}, ${new Date(operation.time * 1000).toISOString()}`;
}
