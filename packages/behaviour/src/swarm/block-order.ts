import type { BlockState, PeerState } from "./peer-state.ts";

/**
 * In which order blocks are asked for while others are fetching the same. What few have comes first. Of what is equally
 * rare, first what is ours to fetch: the highest of a hash over each fetching peer's id and the block decides, so that
 * all who know each other divide the blocks among them without a word, and take the rest from one another.
 */
export function sortRarestFirst(blocks: BlockState[], peers: readonly PeerState[], ownId: string): void {
  const live = peers.filter((peer) => peer.live);
  const fetching = peers.filter((peer) => peer.isFetching).map(({ peerId }) => peerId);
  const places = new Map<BlockState, { readonly rarity: number; readonly turn: number }>();
  for (const block of blocks) {
    const { digest, kind, index } = block.ref;
    const own = weigh(ownId, digest);
    places.set(block, {
      rarity: kind === "node" ? 0 : live.filter((peer) => peer.has(index)).length,
      turn: fetching.filter((peerId) => weigh(peerId, digest) > own).length,
    });
  }
  blocks.sort((a, b) => {
    const [left, right] = [places.get(a), places.get(b)];
    if (left === undefined || right === undefined) return 0;
    return left.rarity - right.rarity || left.turn - right.turn || a.order - b.order;
  });
}

/** FNV-1a over both, mixed once more; anybody may choose an id that wins, and gets more to do. */
function weigh(peerId: string, digest: string): number {
  let hash = 0x811c9dc5;
  for (const text of [peerId, digest]) {
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
