import type { Catalog } from "@ggen/p2p-catalog";
import {
  decodeEnvelope,
  foundPublisher,
  GgenError,
  type NewRotationKey,
  type Package,
  type PublisherId,
  type SignedOperation,
  toHex,
} from "@ggen/p2p-types";

import { checkKeyCounts } from "../authority/key-counts.ts";
import type { OwnKey } from "../keys/keystore.ts";
import { createRecoveryWords, rotationSigner } from "../keys/recovery-words.ts";
import type { Parts } from "../parts.ts";

type Needs = Pick<Parts, "catalog" | "keystore" | "clock" | "random">;

/** A publisher that was just made. */
export interface NewPublisher {
  readonly own: OwnKey;
  /** Those of the highest-ranked rotation key: shown once, kept nowhere. */
  readonly recoveryWords: string;
  /** All rotation keys with their words, the highest-ranked first. */
  readonly rotationKeys: readonly NewRotationKey[];
}

/**
 * Makes a publisher: rotation keys, which become recovery words and are forgotten, and one signing key, which is kept in
 * the home. Until the end of it there is no publisher: what is cut short is made anew, with words that are told.
 * @param count - how many rotation keys, and how many of them sign together
 * @param first - signs what is stored in one step with the publisher
 * @throws GgenError `usage.invalid`, `storage.full`, `storage.failed`
 */
export async function createPublisher(
  parts: Needs,
  label: string,
  { keys = 1, threshold = 1 }: { readonly keys?: number; readonly threshold?: number } = {},
  first?: (own: OwnKey) => SignedOperation,
): Promise<NewPublisher> {
  checkKeyCounts(keys, threshold);
  const words = Array.from({ length: keys }, () => createRecoveryWords(parts.random));
  const rotation = words.map((text) => rotationSigner(text));
  const founded = foundPublisher(rotation, Math.floor(parts.clock.now() / 1000), threshold);
  // The key is on disk before any record names it: a crash in between leaves an unused key, never an unusable grant.
  const own = await parts.keystore.stage(founded.publisher, parts.random.bytes(32));
  const grant = founded.grant(own.key, label.slice(0, 64));
  await appendOwn(parts, [founded.genesis, grant, ...(first === undefined ? [] : [first(own)])]);
  await own.confirm();
  const rotationKeys = rotation.map(({ publicKey }, place) => ({
    rank: place + 1,
    key: toHex(publicKey),
    recoveryWords: words[place] ?? "",
  }));
  return { own, recoveryWords: words[0] ?? "", rotationKeys };
}

/** One trusts oneself: an id of one's own stays one's own here whoever else claims it. */
export function trustOwn({ catalog }: Pick<Needs, "catalog">, publisher: PublisherId): void {
  if (!catalog.trusted().has(publisher)) catalog.setTrust(publisher, { trusted: true });
}

/** The keys of this home that their publishers grant. */
export async function usableKeys({ keystore, catalog }: Pick<Needs, "keystore" | "catalog">): Promise<OwnKey[]> {
  const keys = await keystore.list();
  return keys.filter(({ publisher, key }) => {
    const granted = catalog.publisherState(publisher)?.signingKeys.get(key);
    return granted !== undefined && granted.revoked === undefined;
  });
}

/**
 * The key that this home publishes an id with: where it has keys of several publishers, the one that released it before.
 * @returns undefined when the home has no publisher at all
 * @throws GgenError `publish.no-key`
 */
export async function findOwnKey(parts: Needs, id: string): Promise<OwnKey | undefined> {
  const usable = await usableKeys(parts);
  const own = usable.find(({ publisher }) => releasesOf(parts.catalog, id, publisher).length > 0) ?? usable[0];
  const known = own === undefined ? (await parts.keystore.keys()).length : 0;
  if (known > 0) {
    throw new GgenError("publish.no-key", "This home has no valid signing key", {
      expected: "a granted key that is not revoked",
      got: `${known} keys, none of them granted`,
    });
  }
  return own;
}

/**
 * Stores operations of our own, durably.
 * @throws GgenError `internal` when the catalogue refuses what we signed
 */
export async function appendOwn(parts: Needs, operations: readonly SignedOperation[]): Promise<void> {
  const report = await parts.catalog.accept(
    operations.map(({ envelope }) => envelope),
    { via: "local" },
  );
  const [refused] = report.rejected;
  if (refused !== undefined || report.deferred.length > 0) {
    throw new GgenError("internal", "The catalogue refused a record of our own", { cause: refused?.error });
  }
}

/** What every operation of a release chain begins with. */
export interface ChainLink {
  readonly v: 1;
  readonly time: number;
  readonly publisher: PublisherId;
  readonly key: string;
  readonly seq: number;
  readonly prev: string | null;
}

/** The next place in a key's release chain. A clock that was set back does not make the chain go back. */
export function nextOperation(parts: Needs, own: OwnKey): ChainLink {
  const { seq, prev } = parts.catalog.nextLink(own.publisher, own.key);
  const [parent] = prev === null ? [] : parts.catalog.envelopes([prev]);
  const parentTime = parent === undefined ? 0 : decodeEnvelope(parent).signed.operation.time;
  const time = Math.max(Math.floor(parts.clock.now() / 1000), parentTime);
  return { v: 1, time, publisher: own.publisher, key: own.key, seq, prev };
}

/** One publisher's releases of an id, ascending by version. */
export function releasesOf(catalog: Pick<Catalog, "entry">, id: string, publisher: PublisherId): readonly Package[] {
  return catalog.entry(id)?.claimants.find((claimant) => claimant.publisher === publisher)?.releases ?? [];
}
