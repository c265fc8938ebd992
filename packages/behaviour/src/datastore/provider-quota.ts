import { type Clock, GgenError, toHex } from "@ggen/p2p-types";
import type { Datastore, Key, Pair } from "interface-datastore";
import { base32 } from "multiformats/bases/base32";
import * as Digest from "multiformats/hashes/digest";

import type { SqliteDatastore } from "./sqlite-datastore.ts";

/** How many provider records are kept for others. */
export interface ProviderQuota {
  readonly rows: number;
  readonly rowsPerPeer: number;
  readonly rowsPerKey: number;
}

/** What the guard needs to know. */
export interface ProviderGuardInit {
  readonly quota: ProviderQuota;
  /** This node's own records are exempt. */
  readonly ownPeerId: string;
  /** Age in milliseconds beyond which a record is not served. */
  readonly ttlMs: number;
  readonly clock: Clock;
}

const providerPrefix = "/dht/provider/";
const recordPrefix = "/dht/record/";

/**
 * A datastore for the DHT that refuses value records, keeps provider records within quotas and hides those that have
 * expired. kad-dht has no limit of its own: one peer planted 5,600 rows in five seconds, and values of 3.5 MB.
 * @returns the guarded datastore, how many provider rows it holds, and what this node itself provides (digests in
 * hexadecimal)
 */
export function guardDatastore(
  store: SqliteDatastore,
  init: ProviderGuardInit,
): {
  readonly datastore: Datastore;
  readonly providerRows: () => number;
  readonly ownDigests: () => readonly string[];
} {
  const counts = countRows(store, init.ownPeerId);
  const guarded: Pick<Datastore, "put" | "delete" | "query"> = {
    put(key, value) {
      const text = key.toString();
      if (text.startsWith(recordPrefix)) throw refusal("value records are not kept");
      const row = parseProviderKey(text);
      if (row === undefined || row.peerId === init.ownPeerId || store.has(key)) return store.put(key, value);
      counts.admit(row, init.quota);
      return store.put(key, value);
    },
    delete(key) {
      const row = parseProviderKey(key.toString());
      if (row !== undefined && row.peerId !== init.ownPeerId && store.has(key)) counts.release(row);
      return store.delete(key);
    },
    *query(query) {
      const pairs = store.query(query) as Generator<Pair>;
      if (query.prefix?.startsWith(providerPrefix) !== true) {
        yield* pairs;
        return;
      }
      const oldest = init.clock.now() - init.ttlMs;
      for (const pair of pairs) {
        const own = parseProviderKey(pair.key.toString())?.peerId === init.ownPeerId;
        if (own || readVarint(pair.value) >= oldest) yield pair;
      }
    },
  };
  const datastore: Datastore = {
    put: (key, value) => guarded.put(key, value),
    delete: (key) => guarded.delete(key),
    query: (query) => guarded.query(query),
    get: (key) => store.get(key),
    has: (key) => store.has(key),
    getMany: (keys) => store.getMany(keys),
    queryKeys: (query) => store.queryKeys(query),
    async *putMany(source) {
      for await (const { key, value } of source) yield await guarded.put(key, value);
    },
    async *deleteMany(source) {
      for await (const key of source) {
        await guarded.delete(key);
        yield key;
      }
    },
    batch() {
      const steps: (() => unknown)[] = [];
      return {
        put: (key: Key, value: Uint8Array) => void steps.push(() => guarded.put(key, value)),
        delete: (key: Key) => void steps.push(() => guarded.delete(key)),
        async commit() {
          for (const step of steps) await step();
        },
      };
    },
  };
  return {
    datastore,
    providerRows: () => store.count(providerPrefix),
    ownDigests: () =>
      [...(store.queryKeys({ prefix: providerPrefix }) as Generator<Key>)].flatMap((key) => {
        const row = parseProviderKey(key.toString());
        return row?.peerId === init.ownPeerId ? [digestOf(row.key)] : [];
      }),
  };
}

/** The digest in the key of a row, which is a multihash in base32 without a prefix. */
function digestOf(key: string): string {
  return toHex(Digest.decode(base32.decode(`b${key}`)).digest);
}

interface ProviderRow {
  readonly key: string;
  readonly peerId: string;
}

function parseProviderKey(key: string): ProviderRow | undefined {
  if (!key.startsWith(providerPrefix)) return undefined;
  const [cid = "", peerId = ""] = key.slice(providerPrefix.length).split("/");
  return { key: cid, peerId };
}

function countRows(store: SqliteDatastore, ownPeerId: string) {
  let rows = 0;
  const perPeer = new Map<string, number>();
  const perKey = new Map<string, number>();
  const add = (counts: Map<string, number>, name: string, change: number): void => {
    const count = (counts.get(name) ?? 0) + change;
    if (count > 0) counts.set(name, count);
    else counts.delete(name);
  };
  const change = (row: ProviderRow, by: number): void => {
    rows += by;
    add(perPeer, row.peerId, by);
    add(perKey, row.key, by);
  };
  for (const key of store.queryKeys({ prefix: providerPrefix }) as Generator<Key>) {
    const row = parseProviderKey(key.toString());
    if (row !== undefined && row.peerId !== ownPeerId) change(row, 1);
  }
  return {
    admit(row: ProviderRow, quota: ProviderQuota): void {
      if (rows >= quota.rows) throw refusal(`${quota.rows} provider records in all`);
      if ((perPeer.get(row.peerId) ?? 0) >= quota.rowsPerPeer) throw refusal(`${quota.rowsPerPeer} records of a peer`);
      if ((perKey.get(row.key) ?? 0) >= quota.rowsPerKey) throw refusal(`${quota.rowsPerKey} records of a key`);
      change(row, 1);
    },
    release: (row: ProviderRow): void => change(row, -1),
  };
}

function readVarint(bytes: Uint8Array): number {
  let value = 0;
  for (const [index, byte] of bytes.entries()) value += (byte & 0x7f) * 2 ** (7 * index);
  return value;
}

function refusal(limit: string): GgenError {
  return new GgenError("network.refused", "A DHT record was refused", { expected: limit });
}
