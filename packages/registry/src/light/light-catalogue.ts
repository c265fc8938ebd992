import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { type AskedPeers, isGgenError, type PublisherId } from "@ggen/p2p-types";

import type { Keystore } from "../keys/keystore.ts";
import type { Parts } from "../parts.ts";
import { askAll, type AskOptions } from "./ask-all.ts";
import { awaitFullPeers, firstPeerMs } from "./await-peers.ts";
import { chooseFullPeers } from "./choose-peers.ts";
import { listClaimants, takePublishers } from "../query/listings.ts";
import { lackingPeers, nobodyAsked, publishersToAsk, severalPeers, silentPeers } from "./survey.ts";

/** Full nodes that are asked about one thing. */
const maxAsked = 5;
/** Once two have answered (one, where only two are asked), the others have this much longer, in milliseconds. */
const graceMs = 2500;
const maxMs = 10_000;
/** How long an answer is not asked for again: one command asks about an id several times. */
const freshMs = 5000;
/** How long it is remembered who answered about an id, and about how many ids. */
const rememberedMs = 300_000;
const maxRemembered = 1000;

type Needs = Pick<Parts, "catalog" | "clock" | "comparisons" | "evidence" | "logger" | "network" | "random"> & {
  readonly keystore: Pick<Keystore, "publishers">;
};

/**
 * What a node knows that keeps a part of the catalogue only: the records of publishers that it follows, and what several
 * full nodes, asked about one id, gave of it. Records are signed, so that all of what they give counts: one honest answer
 * is enough, whatever the others keep back.
 */
export class LightCatalogue {
  readonly #parts: Needs;
  readonly #surveys = new Map<string, { readonly survey: AskedPeers; readonly atMs: number }>();
  readonly #running = new Map<string, Promise<AskedPeers>>();
  #own: ReadonlySet<PublisherId> = new Set();
  #startedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: Needs) {
    this.#parts = parts;
  }

  /** The node was started. */
  async begin(): Promise<void> {
    this.#startedMs = this.#parts.clock.monotonic();
    this.#surveys.clear();
    await this.readOwn();
  }

  /** Reads anew which publishers this home signs for. */
  async readOwn(): Promise<ReadonlySet<PublisherId>> {
    this.#own = new Set(await this.#parts.keystore.publishers());
    return this.#own;
  }

  /** Publishers whose records are kept up to date: own and trusted ones, and those of whom something is pinned. */
  followed(): ReadonlySet<PublisherId> {
    const { catalog } = this.#parts;
    return new Set([...this.#own, ...catalog.trusted(), ...catalog.pinnedOwners()]);
  }

  /** Whether there is a full node to ask. */
  canAsk(): boolean {
    return (this.#parts.network()?.fullPeers().length ?? 0) > 0;
  }

  /** What is remembered of asking about an id lately. @param id - any case */
  about(id: string): AskedPeers {
    const known = this.#surveys.get(id.toLowerCase());
    const isOld = known === undefined || this.#parts.clock.monotonic() - known.atMs > rememberedMs;
    return isOld ? nobodyAsked : known.survey;
  }

  /** Whether an id that has one claimant here has no other, as far as full nodes that were asked say. */
  isSettled(id: string): boolean {
    return this.about(id).answered.length > 0;
  }

  /** {@link about}, of several ids together; undefined when nobody was asked. */
  askedAbout(ids: readonly string[]): AskedPeers | undefined {
    const surveys = ids.map((id) => this.about(id));
    const peers = (name: "asked" | "answered" | "lacking"): string[] => [
      ...new Set(surveys.flatMap((survey) => survey[name])),
    ];
    const asked = peers("asked");
    return asked.length === 0 ? undefined : { asked, answered: peers("answered"), lacking: peers("lacking") };
  }

  /** What should be said of answers beside what is in them, for people. */
  warnings(ids: readonly string[]): readonly string[] {
    return ids.flatMap((id) => {
      const { answered } = this.about(id);
      return answered.length === 1
        ? [`${id}: only one full node answered; it may keep releases, withdrawals or other claimants back`]
        : [];
    });
  }

  /**
   * Asks several full nodes about an id, and takes in what any of them has: who claims it, and all records of those.
   * @throws the signal's reason
   */
  async lookup(id: string, signal?: AbortSignal): Promise<void> {
    const name = id.toLowerCase();
    if (this.#isFresh(name)) return;
    let running = this.#running.get(name);
    if (running === undefined) {
      running = this.#ask(name, signal ?? new AbortController().signal).finally(() => this.#running.delete(name));
      this.#running.set(name, running);
    }
    const survey = await running.catch((error: unknown) => {
      // Whoever began it may have given up; this caller has not.
      if (signal?.aborted === true || isGgenError(error)) throw error;
      return nobodyAsked;
    });
    if (survey.asked.length > 0) this.#remember(name, survey);
  }

  /** Waits a little for full nodes to ask, as long as the node is new to the network. */
  async awaitPeers(network: MarketplaceBehaviour, signal?: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    if (clock.monotonic() - this.#startedMs < firstPeerMs) await awaitFullPeers(network, clock, signal);
  }

  /** Full nodes to ask now. */
  choosePeers(network: MarketplaceBehaviour, count: number = maxAsked): readonly string[] {
    return chooseFullPeers(this.#parts, network, count);
  }

  /** How long peers are waited for. @param count - how many are asked @param what - for the log */
  patience(count: number, what: string, signal: AbortSignal): AskOptions {
    const { clock, evidence, logger } = this.#parts;
    return {
      enough: count < 3 ? 1 : 2,
      graceMs,
      maxMs,
      clock,
      signal,
      onFailed(peerId, error) {
        logger.log("debug", "a full node did not answer", { what, peer: peerId, error: String(error) });
        // How a request went that was waited for is known where it was made.
        if (!isGgenError(error) || error.code === "aborted") evidence.failure(peerId, "did not answer in time");
      },
    };
  }

  /** Notes that a full node answered. */
  noteAnswer(peerId: string): void {
    this.#parts.comparisons.note(peerId);
  }

  async #ask(id: string, signal: AbortSignal): Promise<AskedPeers> {
    const network = this.#parts.network();
    if (network === undefined) return nobodyAsked;
    await this.awaitPeers(network, signal);
    const asked = this.choosePeers(network);
    if (asked.length === 0) return nobodyAsked;
    const patience = this.patience(asked.length, id, signal);
    const components = { ...this.#parts, network };
    const claims = await askAll(asked, (peerId, inTime) => listClaimants(components, peerId, id, inTime), patience);
    const wanted = this.#wanted(id);
    const answers = await askAll(
      [...claims.keys()],
      (peerId, inTime) => takePublishers(components, peerId, publishersToAsk(peerId, claims, wanted), inTime),
      patience,
    );
    for (const peerId of answers.keys()) this.noteAnswer(peerId);
    const claimants = this.#parts.catalog.entry(id)?.claimants.map(({ publisher }) => publisher) ?? [];
    const lacking = new Set([...silentPeers(claims, claimants), ...lackingPeers(answers)]);
    return {
      asked,
      answered: [...answers.keys()],
      lacking: [...answers.keys()].filter((peerId) => lacking.has(peerId)),
    };
  }

  /** Publishers who matter for an id, whoever names them: the one it is pinned to, and those known to claim it. */
  #wanted(id: string): ReadonlySet<PublisherId> {
    const { catalog } = this.#parts;
    const followed = this.followed();
    const pinned = catalog.pinnedOwner(id);
    const claimants = catalog.entry(id)?.claimants.map(({ publisher }) => publisher) ?? [];
    return new Set([
      ...(pinned === undefined ? [] : [pinned]),
      ...claimants.filter((publisher) => followed.has(publisher)),
    ]);
  }

  /** Whether asking again would hardly tell more: not when too few have answered, and others are there now. */
  #isFresh(id: string): boolean {
    const known = this.#surveys.get(id);
    if (known === undefined || this.#parts.clock.monotonic() - known.atMs >= freshMs) return false;
    const { answered, asked } = known.survey;
    return answered.length >= severalPeers || asked.length >= (this.#parts.network()?.fullPeers().length ?? 0);
  }

  #remember(id: string, survey: AskedPeers): void {
    this.#surveys.delete(id);
    this.#surveys.set(id, { survey, atMs: this.#parts.clock.monotonic() });
    for (const oldest of this.#surveys.keys()) {
      if (this.#surveys.size <= maxRemembered) break;
      this.#surveys.delete(oldest);
    }
  }
}
