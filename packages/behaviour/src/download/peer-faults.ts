import { type ContentProvider, toGgenError } from "@ggen/p2p-types";

import type { EvidenceSink } from "../node/evidence.ts";
import type { PeerEnd } from "../swarm/types.ts";

/** How long to wait before a peer whose connection broke is connected again, a delay for each time, in milliseconds. */
const reconnectMs = [0, 0] as const;
/** The same for one that gave something: its laptop changes networks, or it starts again. */
const reconnectToGiverMs = [0, 250, 500, 1000, 2000, 4000] as const;

/** Why a peer took no further part, for people. */
const endReasons: Readonly<Record<PeerEnd, string>> = {
  lied: "sent bytes that do not match their hash",
  spoilt: "sent bytes over a direct connection that do not match their hash",
  gone: "ended the connection",
  stalled: "stopped sending",
  refused: "refused to serve it",
  missing: "does not have it",
  protocol: "broke the protocol",
};

/** What one download holds against its peers, for its report and as evidence, and which of them it tries again. */
export class PeerFaults {
  readonly #evidence: EvidenceSink;
  readonly #failed = new Map<string, string>();
  readonly #givers = new Set<string>();
  /** Whom we hold what against. */
  readonly #noted = new Set<string>();
  readonly #reconnects = new Map<string, number>();
  /** Peers whose direct connections gave wrong bytes, which they may not be to blame for: the last to be asked again. */
  readonly #spoilt = new Map<string, string | ContentProvider>();

  constructor(evidence: EvidenceSink) {
    this.#evidence = evidence;
  }

  /** Peer id → why nothing more comes from it, for people. */
  get failed(): ReadonlyMap<string, string> {
    return this.#failed;
  }

  /** Whoever names providers failed. */
  onProvidersFailed(error: Error): void {
    this.#failed.set("providers", error.message);
  }

  /** A peer is connected, again perhaps. */
  onConnected(peerId: string): void {
    this.#failed.delete(peerId);
  }

  onUnreachable(peerId: string, error: unknown): void {
    this.#failed.set(peerId, toGgenError(error, "network.dial-failed").message);
    this.#note(peerId, "unreachable");
  }

  /** A block that a peer sent is right. */
  onGiven(peerId: string): void {
    this.#givers.add(peerId);
    this.#reconnects.delete(peerId);
  }

  /** A peer's session ended. It is blamed once, however many of its blocks were under way, and however often it comes. */
  onEnd(peerId: string, reason: PeerEnd): void {
    this.#failed.set(peerId, endReasons[reason]);
    this.#note(peerId, reason);
  }

  /**
   * A connection that broke, or cannot be made again, says little about a peer that was connected.
   * @returns after how many milliseconds it is tried again, which counts; undefined when it was often enough
   */
  reconnectAfterMs(peerId: string): number | undefined {
    const reconnects = this.#reconnects.get(peerId) ?? 0;
    this.#reconnects.set(peerId, reconnects + 1);
    return (this.#givers.has(peerId) ? reconnectToGiverMs : reconnectMs)[reconnects];
  }

  /** Whether a peer gave something in this download. */
  isGiver(peerId: string): boolean {
    return this.#givers.has(peerId);
  }

  /** Wrong bytes came over a peer's direct connection. */
  onSpoilt(peerId: string, provider: string | ContentProvider): void {
    this.#spoilt.set(peerId, provider);
  }

  /** Those of {@link onSpoilt}, each once. */
  takeSpoilt(): (readonly [string, string | ContentProvider])[] {
    const spoilt = [...this.#spoilt];
    this.#spoilt.clear();
    return spoilt;
  }

  #note(peerId: string, reason: PeerEnd | "unreachable"): void {
    if (this.#noted.has(`${peerId} ${reason}`)) return;
    this.#noted.add(`${peerId} ${reason}`);
    if (reason === "lied") this.#evidence.lie(peerId, "a block does not match its hash");
    else this.#evidence.failure(peerId, reason);
  }
}
