import { type ContentProvider, sha256 } from "@ggen/p2p-types";

/** A peer's distance from this node in the DHT, compared byte by byte: the smaller, the closer. */
type Distance = Buffer;

/** Peers that were told of and are not offered again; the oldest is forgotten beyond. */
const maxOffered = 1024;

/**
 * Which peers should be this node's neighbours in the DHT: those whose keys are closest to its own. Pure.
 *
 * kad-dht learns of others only by walks that begin at the peers it knows. Two networks that meet at one connection stay
 * two for minutes: their walks end among their own. So whoever meets a peer asks it for those closest to itself, and
 * connects to the ones that are closer than its present neighbours: each of them does the same.
 */
export class Neighbourhood {
  readonly #own: Uint8Array;
  readonly #size: number;
  readonly #connected = new Map<string, Distance>();
  readonly #offered = new Set<string>();

  /**
   * @param ownKey - multihash of this node's peer id
   * @param size - how many neighbours there should be
   */
  constructor(ownKey: Uint8Array, size: number) {
    this.#own = sha256(ownKey);
    this.#size = size;
  }

  /** Connected peers that serve the DHT. */
  get connected(): number {
    return this.#connected.size;
  }

  /** A peer that serves the DHT is connected. @param key - multihash of its peer id @returns whether it is new */
  add(peerId: string, key: Uint8Array): boolean {
    if (this.#connected.has(peerId)) return false;
    this.#connected.set(peerId, this.#distanceOf(key));
    return true;
  }

  remove(peerId: string): void {
    this.#connected.delete(peerId);
  }

  /**
   * Which of the peers that another one named should be connected to: those that are closer than the farthest of the
   * closest, each once.
   * @param named - with the multihash of each peer id
   * @returns the closest first
   */
  choose(named: readonly (ContentProvider & { readonly key: Uint8Array })[]): readonly ContentProvider[] {
    const distances = [...this.#connected.values()].toSorted((a, b) => a.compare(b));
    const bound = distances[this.#size - 1];
    const chosen = named
      .map((peer) => ({ peer, distance: this.#distanceOf(peer.key) }))
      .filter(({ peer: { peerId }, distance }) => this.#isWanted(peerId, distance, bound))
      .toSorted((a, b) => a.distance.compare(b.distance))
      .slice(0, this.#size);
    for (const { peer } of chosen) this.#remember(peer.peerId);
    return chosen.map(({ peer }) => peer);
  }

  /** A peer that was chosen could not be reached: it may be offered again. */
  forget(peerId: string): void {
    this.#offered.delete(peerId);
  }

  #isWanted(peerId: string, distance: Distance, bound: Distance | undefined): boolean {
    if (this.#connected.has(peerId) || this.#offered.has(peerId)) return false;
    return (bound === undefined || distance.compare(bound) < 0) && distance.some((byte) => byte !== 0);
  }

  #remember(peerId: string): void {
    this.#offered.add(peerId);
    const [oldest] = this.#offered;
    if (this.#offered.size > maxOffered && oldest !== undefined) this.#offered.delete(oldest);
  }

  #distanceOf(key: Uint8Array): Distance {
    const hash = sha256(key);
    return Buffer.from(hash.map((byte, place) => byte ^ (this.#own[place] ?? 0)));
  }
}
