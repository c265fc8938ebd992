import { rankProviders } from "@ggen/p2p-reputation";
import { type CallOptions, type OperationId, type Package, type ReplicaStatus, toGgenError } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { choosePeers, distinctHolders, noteChallenge, type ProvenHolder, type ReplicaPeer } from "./replica-plan.ts";

const retryMs = 500;
/** How long a publisher waits for copies unless its caller gives up earlier; then they are looked for in the background. */
const maxWaitMs = 60_000;
/** How long one check looks for more holders of one release. */
const repairMs = 20_000;
/** Rounds that a peer may be fetching, or may not know the release yet, before another one of its network is asked. */
const maxComing = 40;
const maxUnknown = 10;
/** Releases whose copies are looked after; the oldest is forgotten beyond. */
const maxReleases = 10_000;
/** Releases that one check challenges the holders of. */
const releasesPerCheck = 100;
const metaName = "replicas";

/** A release whose publisher wants copies. */
interface Wanted {
  readonly operation: OperationId;
  replicas: number;
  holders: readonly ProvenHolder[];
}

/** What looking after copies needs. */
export type ReplicaParts = Pick<
  Parts,
  "catalog" | "clock" | "contents" | "evidence" | "holders" | "logger" | "network" | "random"
>;

/**
 * Looks after the copies of own releases: asks peers of different networks to take one, has each prove that it holds it,
 * asks them again every now and then, and asks others when holders are gone. What is wanted is kept over restarts.
 */
export class Replicas {
  readonly #parts: ReplicaParts;
  readonly #wanted: Map<OperationId, Wanted>;
  /** Where the next check goes on. */
  #cursor = 0;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
    this.#wanted = new Map(parse(parts.catalog.meta(metaName)).map((wanted) => [wanted.operation, wanted]));
    for (const { operation, holders } of this.#wanted.values()) {
      const cid = parts.catalog.release(operation)?.cid;
      if (cid !== undefined) for (const { peerId } of holders) parts.holders.add(cid, peerId);
    }
  }

  /** Peers that proved that they hold a release, one of each network, in the order of their ids. */
  holdersOf(operation: OperationId): readonly string[] {
    return distinctHolders(this.#wanted.get(operation)?.holders ?? [])
      .map(({ peerId }) => peerId)
      .toSorted();
  }

  /** Every release whose publisher wants copies, and who proved to hold it. */
  status(): readonly ReplicaStatus[] {
    return [...this.#wanted.values()].flatMap(({ operation, replicas }) => {
      const release = this.#parts.catalog.release(operation);
      if (release === undefined) return [];
      return [{ id: release.id, version: release.version, wanted: replicas, heldBy: this.holdersOf(operation) }];
    });
  }

  /**
   * Waits until a number of peers of different networks proved that they hold a release. When there are not enough of
   * them in time, the rest is looked for in the background, in later runs too.
   * @param replicas - 1 or more
   * @returns those that did, also when they are fewer
   */
  async collect(release: Package, replicas: number, { signal, onProgress }: CallOptions): Promise<readonly string[]> {
    const wanted = this.#want(release.operation, replicas);
    await this.#find(release, wanted, maxWaitMs, signal, (done) =>
      onProgress?.({
        step: "replicate",
        subject: `${release.id}@${release.version}`,
        done,
        total: replicas,
        unit: "peers",
      }),
    );
    return this.holdersOf(release.operation);
  }

  /** Challenges the holders of some releases again, and looks for others where there are too few. */
  async check(signal: AbortSignal): Promise<void> {
    const all = [...this.#wanted.values()];
    const turn = all.slice(this.#cursor, this.#cursor + releasesPerCheck);
    this.#cursor = this.#cursor + releasesPerCheck < all.length ? this.#cursor + releasesPerCheck : 0;
    for (const wanted of turn) {
      if (signal.aborted || this.#parts.network() === undefined) return;
      const release = this.#parts.catalog.release(wanted.operation);
      // Without the bytes nothing can be checked: what is known stays as it is.
      if (release === undefined || this.#parts.contents.stat(release.cid)?.complete !== true) continue;
      await Promise.all(wanted.holders.map(({ peerId }) => this.#challenge(release, wanted, peerId, false, signal)));
      await this.#find(release, wanted, repairMs, signal);
    }
    this.#save();
  }

  /** Asks for copies until there are enough, nobody is left to ask, or the time is over. */
  async #find(
    release: Package,
    wanted: Wanted,
    waitMs: number,
    signal: AbortSignal | undefined,
    onProgress?: (done: number) => void,
  ): Promise<void> {
    const { clock } = this.#parts;
    const end = clock.monotonic() + waitMs;
    const excluded = new Set<string>();
    const asked = new Map<string, number>();
    for (;;) {
      const done = distinctHolders(wanted.holders).length;
      onProgress?.(done);
      if (done >= wanted.replicas || clock.monotonic() >= end || this.#parts.network() === undefined) break;
      const chosen = choosePeers(this.#peers(), wanted.holders, excluded, wanted.replicas);
      // A publisher waits for peers to come; a check comes again by itself.
      if (chosen.length === 0 && onProgress === undefined) break;
      await Promise.all(
        chosen.map(async (peerId) => {
          const rounds = (asked.get(peerId) ?? 0) + 1;
          asked.set(peerId, rounds);
          if (!(await this.#ask(release, wanted, peerId, rounds, signal))) excluded.add(peerId);
        }),
      );
      if (distinctHolders(wanted.holders).length < wanted.replicas) await clock.sleep(retryMs, signal);
    }
    this.#save();
  }

  /** @returns whether it is worth asking this peer again */
  async #ask(
    release: Package,
    wanted: Wanted,
    peerId: string,
    rounds: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    try {
      const answer = await this.#parts.network()?.askCopy(peerId, release.operation, signal);
      if (answer === "held") return await this.#challenge(release, wanted, peerId, true, signal);
      return (answer === "coming" && rounds < maxComing) || (answer === "unknown" && rounds < maxUnknown);
    } catch (error) {
      signal?.throwIfAborted();
      this.#parts.logger.log("debug", "a peer was not asked for a copy", { peer: peerId, error: String(error) });
      return false;
    }
  }

  /**
   * @param claimed - it has just said that it holds it: a wrong proof is a lie
   * @returns whether it proved it
   */
  async #challenge(
    release: Package,
    wanted: Wanted,
    peerId: string,
    claimed: boolean,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { clock, evidence, holders, logger } = this.#parts;
    const network = this.#parts.network();
    if (network === undefined) return false;
    let proven = false;
    let answered = false;
    try {
      proven = await network.askReceipt(peerId, release.cid, signal);
      answered = true;
    } catch (error) {
      signal?.throwIfAborted();
      logger.log("debug", "a peer gave no receipt", { peer: peerId, error: toGgenError(error).message });
    }
    const group = network.addressGroup(peerId);
    const result =
      proven && group !== undefined
        ? ({ proven, group } as const)
        : ({ proven: false, lied: answered && !proven } as const);
    wanted.holders = noteChallenge(wanted.holders, peerId, result, clock.now());
    if (proven) holders.add(release.cid, peerId);
    else if (answered) {
      holders.remove(release.cid, peerId);
      if (claimed) evidence.lie(peerId, "said that it holds a content, and could not prove it");
    }
    return result.proven;
  }

  /** Connected peers, in the order in which they are asked. */
  #peers(): readonly ReplicaPeer[] {
    const { evidence, random } = this.#parts;
    const network = this.#parts.network();
    const peers = (network?.connectedPeers() ?? []).map((peerId) => ({
      peerId,
      group: network?.addressGroup(peerId),
      reputation: evidence.reputation(peerId),
    }));
    return rankProviders(peers, random);
  }

  #want(operation: OperationId, replicas: number): Wanted {
    const wanted = this.#wanted.get(operation) ?? { operation, replicas, holders: [] };
    wanted.replicas = replicas;
    this.#wanted.set(operation, wanted);
    const [oldest] = this.#wanted.keys();
    if (this.#wanted.size > maxReleases && oldest !== undefined) this.#wanted.delete(oldest);
    this.#save();
    return wanted;
  }

  #save(): void {
    try {
      this.#parts.catalog.setMeta(metaName, JSON.stringify([...this.#wanted.values()]));
    } catch (error) {
      // A full disk: who holds what is asked again in the next run.
      this.#parts.logger.log("warn", "the wanted copies could not be kept", { error: String(error) });
    }
  }
}

function parse(saved: string | undefined): Wanted[] {
  if (saved === undefined) return [];
  try {
    const value: unknown = JSON.parse(saved);
    return Array.isArray(value) ? value.filter(isWanted) : [];
  } catch {
    return [];
  }
}

function isWanted(value: unknown): value is Wanted {
  if (typeof value !== "object" || value === null) return false;
  const { operation, replicas, holders } = value as Partial<Wanted>;
  return (
    typeof operation === "string" &&
    /^[0-9a-f]{64}$/.test(operation) &&
    Number.isSafeInteger(replicas) &&
    Array.isArray(holders) &&
    holders.every((holder) => typeof holder?.peerId === "string" && typeof holder.group === "string")
  );
}
