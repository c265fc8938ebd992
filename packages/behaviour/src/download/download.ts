import {
  type BlockRef,
  type ContentProvider,
  type ContentWriter,
  GgenError,
  isGgenError,
  toGgenError,
} from "@ggen/p2p-types";

import type { ChunkSession } from "../chunks/chunk-link.ts";
import type { PeerSessionEvents } from "../chunks/peer-session.ts";
import { limits } from "../limits/limits.ts";
import { createSwarm } from "../swarm/swarm.ts";
import type { PeerEnd, Swarm } from "../swarm/types.ts";
import { Alarm } from "./alarm.ts";
import { FurtherSource } from "./further.ts";
import { HaveSurvey } from "./have-survey.ts";
import { noProviders, noteSuccesses, toReport } from "./outcome.ts";
import { PeerFaults } from "./peer-faults.ts";
import { ProviderFeed } from "./provider-feed.ts";
import type { DownloadComponents, DownloadReport, DownloadTask } from "./types.ts";

/**
 * Fetches what a content still lacks, from several peers at once, each block verified alone by the writer. Does not
 * finish the writer: that is its owner's step.
 * @throws GgenError `package.no-providers` when everybody was asked in vain; `storage.*` from the writer
 */
export async function download(
  components: DownloadComponents,
  writer: ContentWriter,
  task: DownloadTask,
): Promise<DownloadReport> {
  return new Download(components, writer, task).run();
}

class Download {
  readonly #components: DownloadComponents;
  readonly #writer: ContentWriter;
  readonly #task: DownloadTask;
  readonly #swarm: Swarm;
  readonly #sessions = new Map<string, ChunkSession>();
  readonly #faults: PeerFaults;
  readonly #survey: HaveSurvey;
  readonly #alarm: Alarm;
  readonly #ending = new AbortController();
  readonly #feed: ProviderFeed;
  readonly #further: FurtherSource<string | ContentProvider>;
  #connecting = 0;
  #exhausted = false;
  #storing = 0;
  #bytes = 0;
  #directBytes = 0;
  #fatal: GgenError | undefined;

  constructor(components: DownloadComponents, writer: ContentWriter, task: DownloadTask) {
    this.#components = components;
    this.#writer = writer;
    this.#task = task;
    this.#swarm = createSwarm({ ownId: components.ownPeerId, random: () => components.random.number() });
    this.#faults = new PeerFaults(components.evidence);
    this.#survey = new HaveSurvey(writer.chunks);
    this.#alarm = new Alarm(components.clock);
    this.#further = new FurtherSource(components.clock, limits.furtherPeersMs, () => this.#alarm.ring());
    this.#feed = new ProviderFeed({
      source: this.#further.read(task.providers, task.furtherProviders),
      ownPeerId: components.ownPeerId,
      hasRoom: () => this.#sessions.size + this.#connecting < limits.downloadPeers,
      onProvider: (provider, peerId) => void this.#connect(provider, peerId),
      onEnd: (error) => {
        if (error !== undefined) this.#faults.onProvidersFailed(error);
        this.#exhausted = true;
        this.#alarm.ring();
      },
    });
  }

  async run(): Promise<DownloadReport> {
    const { signal } = this.#task;
    const onAbort = (): void => {
      this.#fatal ??= toGgenError(signal?.reason, "aborted");
      this.#alarm.ring();
    };
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#swarm.want(this.#writer.missing());
    const providing = this.#feed.run();
    try {
      while (!this.#swarm.done && this.#fatal === undefined) {
        const wakeAtMs = this.#step();
        if (this.#fatal !== undefined) break;
        // Nobody owes anything, then there would be a time to wake, and nothing else is under way.
        if (wakeAtMs === undefined && this.#isIdle && !this.#further.hurry() && this.#exhausted && !this.#askSpoilt())
          break;
        await this.#alarm.wait(wakeAtMs);
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#ending.abort(new GgenError("aborted", "The download is over"));
      this.#further.end();
      this.#feed.stop();
      for (const session of this.#sessions.values()) session.close();
      await providing;
    }
    noteSuccesses(this.#components.evidence, this.#swarm.tallies());
    if (this.#fatal !== undefined) throw this.#fatal;
    if (!this.#swarm.done) throw noProviders(this.#writer.content.cid, this.#faults.failed, this.#sessions.keys());
    return toReport({ bytes: this.#bytes, directBytes: this.#directBytes }, this.#swarm.tallies(), this.#faults.failed);
  }

  /** Carries out the plan. @returns when to plan again without an event */
  #step(): number | undefined {
    const { requests, drops, wakeAtMs } = this.#swarm.plan(this.#components.clock.monotonic());
    for (const { peerId, reason } of drops) this.#drop(peerId, reason);
    for (const { peerId, blocks } of requests) this.#sessions.get(peerId)?.ask(blocks);
    const nowMs = this.#components.clock.monotonic();
    const { askAgain, connectAgain, dueMs } = this.#survey.due(nowMs, this.#swarm.busy || this.#storing > 0);
    for (const peerId of askAgain) this.#sessions.get(peerId)?.askHave();
    for (const [peerId, provider] of connectAgain) {
      if (this.#sessions.size + this.#connecting < limits.downloadPeers) void this.#connect(provider, peerId);
      else this.#survey.lacks(peerId, provider);
    }
    return wakeAtMs === undefined || dueMs === undefined ? (wakeAtMs ?? dueMs) : Math.min(wakeAtMs, dueMs);
  }

  /** Bytes came in; over the cap the stream is paused for as long as they should have taken. */
  #onProgress(peerId: string, bytes: number): void {
    const { caps, clock } = this.#components;
    const waitMs = caps.of(peerId).reserve(bytes);
    this.#swarm.onProgress(peerId, clock.monotonic() + waitMs);
    if (waitMs === 0) return;
    const session = this.#sessions.get(peerId);
    session?.pause();
    clock.sleep(waitMs, this.#ending.signal).then(
      () => session?.resume(),
      () => {},
    );
  }

  /** Whether no answer is on its way. */
  get #isIdle(): boolean {
    return this.#connecting === 0 && this.#storing === 0 && !this.#survey.waiting;
  }

  /** Asks those again whose direct connections failed, over their streams. @returns whether there are any */
  #askSpoilt(): boolean {
    const spoilt = this.#faults.takeSpoilt();
    for (const [peerId, provider] of spoilt) void this.#connect(provider, peerId);
    return spoilt.length > 0;
  }

  async #connect(provider: string | ContentProvider, peerId: string): Promise<void> {
    this.#connecting += 1;
    try {
      const { cid, size } = this.#writer.content;
      const options = { cid, bulk: size >= limits.directBytes, signal: this.#ending.signal };
      const session = await this.#components.links.session(provider, this.#eventsOf(provider, peerId), options);
      if (this.#ending.signal.aborted) session.close();
      else this.#begin(peerId, session);
    } catch (error) {
      if (!this.#ending.signal.aborted) {
        this.#faults.onUnreachable(peerId, error);
        // It was there before.
        if (this.#faults.isGiver(peerId)) this.#connectAgain(provider, peerId);
      }
    } finally {
      this.#connecting -= 1;
      this.#feed.wake();
      this.#alarm.ring();
    }
  }

  /** Connects to a peer once more, after a while perhaps; what it has to give is waited for. */
  #connectAgain(provider: string | ContentProvider, peerId: string): void {
    const waitMs = this.#faults.reconnectAfterMs(peerId);
    if (waitMs === undefined) return;
    this.#connecting += 1;
    void this.#components.clock
      .sleep(waitMs, this.#ending.signal)
      .catch(() => {})
      .then(() => {
        this.#connecting -= 1;
        if (!this.#ending.signal.aborted) void this.#connect(provider, peerId);
      });
  }

  #begin(peerId: string, session: ChunkSession): void {
    if (!this.#swarm.join(peerId, this.#components.clock.monotonic())) {
      session.close();
      return;
    }
    this.#faults.onConnected(peerId);
    this.#sessions.set(peerId, session);
    // A peer that has only part of a content of one chunk has nothing: no need to ask.
    if (this.#writer.chunks > 1) {
      // Who had nothing is asked for blocks again when it says that it has some.
      if (this.#survey.asked(peerId)) this.#swarm.setHave(peerId, new Uint8Array());
      session.askHave();
    }
  }

  #eventsOf(provider: string | ContentProvider, peerId: string): PeerSessionEvents {
    const { clock } = this.#components;
    return {
      onHave: (map) => {
        const isWhole = this.#survey.answered(peerId, map);
        this.#swarm.setHave(peerId, map, isWhole);
        if (!isWhole) this.#swarm.spread();
        this.#alarm.ring();
      },
      onProgress: (bytes) => this.#onProgress(peerId, bytes),
      onBlock: (block, bytes, release, direct) => void this.#store({ peerId, provider, direct }, block, bytes, release),
      onMissing: (blocks) => this.#onMissing(provider, peerId, blocks),
      onBusy: (blocks) => {
        const digests = blocks.map(({ digest }) => digest);
        this.#swarm.onBusy(peerId, digests, clock.monotonic());
        this.#alarm.ring();
      },
      onRefused: () => this.#drop(peerId, "refused"),
      onClose: (error) => {
        const isBroken = isGgenError(error, "network.protocol");
        this.#drop(peerId, isBroken ? "protocol" : "gone");
        if (!isBroken && !this.#ending.signal.aborted) this.#connectAgain(provider, peerId);
      },
    };
  }

  async #store(
    { peerId, provider, direct }: { peerId: string; provider: string | ContentProvider; direct: boolean },
    block: BlockRef,
    bytes: Uint8Array,
    release: () => void,
  ): Promise<void> {
    this.#swarm.onArrival(peerId, block.digest, bytes.byteLength, this.#components.clock.monotonic());
    this.#alarm.ring();
    this.#storing += 1;
    try {
      await this.#writer.put(block, bytes, release);
      const isNew = this.#swarm.onStored(peerId, block.digest);
      this.#faults.onGiven(peerId);
      if (block.kind === "node") this.#swarm.want(this.#writer.missing());
      else if (isNew) this.#count(bytes.byteLength, direct);
    } catch (error) {
      if (isGgenError(error, "content.mismatch")) {
        // Nobody proved who wrote what came directly: its peer is believed again over its stream.
        const reason = direct ? "spoilt" : "lied";
        if (direct) {
          this.#components.links.distrustDirect(peerId);
          this.#faults.onSpoilt(peerId, provider);
        }
        this.#swarm.onWrong(peerId, block.digest, reason);
        this.#drop(peerId, reason);
      } else {
        this.#fatal ??= toGgenError(error, "storage.failed");
      }
    } finally {
      this.#storing -= 1;
      this.#alarm.ring();
    }
  }

  #count(bytes: number, direct: boolean): void {
    this.#bytes += bytes;
    if (direct) this.#directBytes += bytes;
    this.#components.onReceived(bytes);
    this.#task.onProgress?.(this.#bytes, this.#writer.content.size);
  }

  #onMissing(provider: string | ContentProvider, peerId: string, blocks: readonly BlockRef[]): void {
    for (const { digest } of blocks) this.#swarm.onMissing(peerId, digest);
    // Whoever lacks the root, or a content as a whole, has nothing to give.
    const [block] = blocks;
    const gaveNothing = this.#swarm.tallies().find((tally) => tally.peerId === peerId)?.bytes === 0;
    if (
      block === undefined ||
      (gaveNothing && (blocks.length > 1 || block.kind === "node" || this.#writer.chunks === 1))
    ) {
      // It may be fetching it just as we are.
      this.#survey.lacks(peerId, provider);
      this.#swarm.spread();
      this.#drop(peerId, "missing");
    }
    this.#alarm.ring();
  }

  #drop(peerId: string, reason: PeerEnd): void {
    const session = this.#sessions.get(peerId);
    if (session === undefined) return;
    this.#sessions.delete(peerId);
    this.#survey.gone(peerId);
    this.#swarm.onEnd(peerId, reason);
    this.#faults.onEnd(peerId, reason);
    session.close();
    this.#feed.wake();
    this.#alarm.ring();
  }
}
