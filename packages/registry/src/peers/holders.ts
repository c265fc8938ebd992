import { CID } from "multiformats/cid";

/** The DHT key of a content: the digest of its CID. */
export function contentKey(cid: string): Uint8Array {
  return CID.parse(cid).multihash.digest;
}

/** Which peers are known to hold a content, from their own answers and from fetches. In memory, bounded. */
export interface Holders {
  add(cid: string, peerId: string): void;
  remove(cid: string, peerId: string): void;
  of(cid: string): readonly string[];
}

const maxContents = 20_000;
const maxHoldersEach = 64;

/** @returns an empty memory of holders */
export function createHolders(): Holders {
  const known = new Map<string, Set<string>>();
  return {
    add(cid, peerId) {
      const peers = known.get(cid) ?? new Set();
      known.delete(cid);
      known.set(cid, peers);
      if (peers.size < maxHoldersEach) peers.add(peerId);
      if (known.size > maxContents) known.delete(known.keys().next().value ?? cid);
    },
    remove(cid, peerId) {
      known.get(cid)?.delete(peerId);
    },
    of: (cid) => [...(known.get(cid) ?? [])],
  };
}
