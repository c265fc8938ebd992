import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import type { PublisherId } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { askAll } from "./ask-all.ts";
import type { LightCatalogue } from "./light-catalogue.ts";
import { takePublisher } from "../query/listings.ts";

/** How often followed publishers are asked about, in milliseconds: gossip brings most news before. */
const roundMs = 600_000;
/** After a round that reached nobody, in milliseconds. */
const retryMs = 5000;
/** Full nodes that a round asks about each publisher. */
const askedPeers = 2;
/** Operations of own publishers that one push to a peer brings at most. */
const maxPushed = 8192;
const perPush = 256;

type Needs = Pick<Parts, "catalog" | "clock" | "evidence" | "logger" | "network" | "random">;

/**
 * Keeps the records of followed publishers up to date, where gossip was missed: asks two full nodes, others each time,
 * about each of them, when the first full node is met and from then on every ten minutes. They are given what they lack
 * of this home's own publishers.
 */
export class Follower {
  readonly #parts: Needs;
  readonly #light: LightCatalogue;
  readonly #onRound: () => void;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  /** @param onRound - told when a round has reached somebody */
  constructor(parts: Needs, light: LightCatalogue, onRound: () => void) {
    this.#parts = parts;
    this.#light = light;
    this.#onRound = onRound;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, random, logger } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let reached = false;
      try {
        const network = this.#parts.network();
        if (network !== undefined) reached = await this.#round(network, signal);
      } catch (error) {
        if (!signal.aborted) logger.log("warn", "asking about followed publishers failed", { error: String(error) });
      }
      if (reached) this.#onRound();
      await (reached ? clock.sleep(roundMs * (0.75 + random.number() / 2), signal) : this.#untilPeer(signal)).catch(
        () => {},
      );
    }
  }

  /** Resolves when somebody came, or after a while. */
  async #untilPeer(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const stop = this.#parts.network()?.onPeer(({ type }) => {
      if (type === "identify") over.abort();
    });
    await this.#parts.clock.sleep(retryMs, AbortSignal.any([signal, over.signal])).catch(() => {});
    stop?.();
  }

  /** @returns whether anybody could be asked */
  async #round(network: MarketplaceBehaviour, signal: AbortSignal): Promise<boolean> {
    const own = await this.#light.readOwn();
    const followed = this.#light.followed();
    if (!this.#light.canAsk()) return false;
    for (const publisher of followed) {
      const peers = this.#light.choosePeers(network, askedPeers);
      const answers = await askAll(
        peers,
        async (peerId, inTime) => {
          const given = await takePublisher({ ...this.#parts, network }, peerId, publisher, inTime);
          if (own.has(publisher)) await this.#push(network, peerId, publisher, given, inTime);
        },
        this.#light.patience(peers.length, publisher, signal),
      );
      for (const peerId of answers.keys()) this.#light.noteAnswer(peerId);
    }
    return true;
  }

  /** Gives a peer what it lacks of an own publisher. */
  async #push(
    network: MarketplaceBehaviour,
    peerId: string,
    publisher: PublisherId,
    given: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> {
    const { catalog } = this.#parts;
    const lacking = catalog.idsOf({ publisher }, maxPushed).filter((id) => !given.has(id));
    for (let from = 0; from < lacking.length; from += perPush) {
      await network.pushOperations(peerId, catalog.envelopes(lacking.slice(from, from + perPush)), signal);
    }
  }
}
