import type { CopyAnswer } from "@ggen/p2p-behaviour";
import type { MirrorStatus, OperationId, Package, PackageUpdate, PublisherId } from "@ggen/p2p-types";

import { fetchPackage } from "../install/fetch-package.ts";
import type { Parts } from "../parts.ts";
import { Copier } from "./copier.ts";
import { decideCopy, isMirrored, type MirrorQuota, mirrorQuota, overQuota } from "./policy.ts";
import { Shelf } from "./shelf.ts";
import { createStandings, type Standings } from "./standings.ts";
import { sweepCatalogue } from "./sweep.ts";
import { bytesPerMb } from "../units.ts";

/** Releases of the catalogue that one check looks at, and those before the event loop gets a turn. */
const releasesPerCheck = 2000;
const releasesPerStep = 10;
/** How long peers' answers are waited for before something has to go. */
const surveyMs = 2000;
/** Contents that were no packages, and are not fetched again in this run. */
const maxRefused = 10_000;

/** What a mirror needs. */
export type MirrorParts = Pick<
  Parts,
  | "catalog"
  | "clock"
  | "config"
  | "contents"
  | "evidence"
  | "holders"
  | "keystore"
  | "logger"
  | "network"
  | "random"
  | "survey"
  | "traffic"
>;

/** Told of copies that came and went, so that others can be told. */
export interface MirrorEvents {
  onKept(release: Package): void;
  onDropped(cid: string): void;
}

/**
 * Takes copies of what is announced, for others: which, says the policy; when, says the copier, in the background.
 */
export class Mirror {
  readonly #parts: MirrorParts;
  readonly #events: MirrorEvents;
  readonly #copier: Copier;
  readonly #quota: MirrorQuota;
  readonly #standings: Standings;
  readonly #shelf: Shelf;
  readonly #refused = new Set<string>();
  readonly #unsubscribe: () => void;
  #own: ReadonlySet<PublisherId> = new Set();
  #sweep: AsyncGenerator<Package> | undefined;
  #isStopped = false;

  constructor(parts: MirrorParts, events: MirrorEvents) {
    const { delaySecs, downloadKbps, maxMb } = parts.config.mirror;
    this.#parts = parts;
    this.#events = events;
    this.#quota = mirrorQuota(maxMb * bytesPerMb);
    this.#standings = createStandings(parts, () => this.#own);
    this.#shelf = new Shelf(parts, this.#standings);
    this.#copier = new Copier(
      parts,
      { delayMs: delaySecs * 1000, kbps: downloadKbps },
      {
        wanted: ({ operation }) => {
          const release = parts.catalog.release(operation);
          return release !== undefined && this.#isWanted(release) ? release : undefined;
        },
        take: (release, signal) => this.#take(release, signal),
        refuse: (cid) => this.#refuse(cid),
      },
    );
    this.#unsubscribe = parts.catalog.subscribe((update) => this.#onUpdate(update));
  }

  /** What is kept, for people. */
  status(): MirrorStatus {
    const { mode } = this.#parts.config.mirror;
    return {
      mode,
      contents: this.#shelf.size,
      bytes: this.#shelf.bytes,
      maxBytes: this.#quota.maxBytes,
      waiting: this.#copier.size,
    };
  }

  /** Releases whose copies are kept and whole. */
  *releases(): Generator<Package> {
    for (const cid of this.#shelf.cids()) {
      const release = this.#shelf.releaseOf(cid);
      if (release !== undefined && this.#parts.contents.stat(cid)?.complete === true) yield release;
    }
  }

  /** Answers a peer that asks for a copy. @param peerId - who asks is the first to be asked for the bytes */
  asked(operation: OperationId, peerId: string): CopyAnswer {
    const release = this.#parts.catalog.release(operation);
    if (release === undefined) return "unknown";
    const answer = this.#consider(release, true);
    if (answer === "coming") this.#parts.holders.add(release.cid, peerId);
    return answer;
  }

  /**
   * Compares what is kept with what should be: gives up what is over the quota or not mirrored any more, repairs what was
   * damaged, and looks through a part of the catalogue for what is missing.
   */
  async check(): Promise<void> {
    this.#own = new Set(await this.#parts.keystore.publishers());
    for (const cid of this.#shelf.cids()) {
      const release = this.#shelf.releaseOf(cid);
      if (release !== undefined && this.#isWanted(release)) {
        if (this.#parts.contents.stat(cid)?.complete !== true) this.#offer(release, false);
      } else if (this.#parts.config.mirror.mode === "none" || release !== undefined) {
        await this.#drop(cid);
      }
    }
    for (const { cid } of overQuota(this.#shelf.copies(), this.#quota)) await this.#drop(cid);
    if (this.#parts.config.mirror.mode !== "none" && this.#quota.maxBytes > 0) await this.#look();
  }

  /** Ends what is under way; what was fetched of it stays for the next run. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unsubscribe();
    await this.#copier.stop();
  }

  /** Goes on looking through the catalogue, in steps that leave room for everything else. */
  async #look(): Promise<void> {
    this.#sweep ??= sweepCatalogue(this.#parts, (publisher) => this.#mirrors(publisher));
    const { clock } = this.#parts;
    for (let looked = 1; looked <= releasesPerCheck && !this.#isStopped; looked += 1) {
      if (looked % releasesPerStep === 0) await clock.sleep(0);
      const step = await this.#sweep.next();
      if (step.done === true) {
        this.#sweep = undefined;
        return;
      }
      this.#consider(step.value, false);
    }
  }

  #onUpdate({ type, via, publisher, operation }: PackageUpdate): void {
    if (type !== "release" || via === "local" || !this.#mirrors(publisher)) return;
    const release = this.#parts.catalog.release(operation);
    if (release !== undefined) this.#consider(release, false);
  }

  #mirrors(publisher: PublisherId): boolean {
    const { config } = this.#parts;
    if (config.security.denyPublishers.includes(publisher)) return false;
    return isMirrored(config.mirror.mode, this.#standings.of(publisher));
  }

  /** Whether a release deserves a copy as such; a copy of a yanked one is kept, for lockfiles that name it. */
  #isWanted(release: Package): boolean {
    return release.conflicted !== true && this.#mirrors(release.publisher);
  }

  #consider(release: Package, urgent: boolean): CopyAnswer {
    const { contents, config } = this.#parts;
    const stat = contents.stat(release.cid);
    if (stat?.complete === true && stat.pins.length > 0) return "held";
    const here = stat?.complete === true ? "held" : undefined;
    if (!this.#isWanted(release) || release.yanked !== undefined || this.#refused.has(release.cid)) return here ?? "no";
    if (release.size > config.cache.maxPackageMb * bytesPerMb || !this.#decide(release).take) return here ?? "no";
    return this.#offer(release, urgent) ? (here ?? "coming") : (here ?? "no");
  }

  #decide(release: Package): ReturnType<typeof decideCopy> {
    const candidate = this.#shelf.candidate(release);
    if (this.#shelf.hasRoom(candidate, this.#quota)) return { take: true, drop: [] };
    const held = this.#shelf.copies().filter(({ cid }) => cid !== release.cid);
    return decideCopy(candidate, held, this.#quota);
  }

  #offer({ cid, operation, publisher, size }: Package, urgent: boolean): boolean {
    const { trusted, followed } = this.#standings.of(publisher);
    const copy = { cid, operation, publisher, bytes: size, known: trusted || followed };
    return this.#copier.offer(copy, urgent);
  }

  /** @returns bytes that were fetched */
  async #take(release: Package, signal: AbortSignal): Promise<number> {
    const before = this.#decide(release);
    if (!before.take) return 0;
    if (before.drop.length > 0)
      await this.#survey(
        release,
        before.drop.map(({ cid }) => cid),
      );
    if (!this.#decide(release).take) return 0;
    const unlease = this.#parts.contents.lease(release.cid);
    try {
      const { peers } = await fetchPackage(this.#parts, release, { signal });
      const bytes = peers.reduce((sum, peer) => sum + peer.bytes, 0);
      // Decided again over what is kept now: other copies came meanwhile.
      const decision = this.#decide(release);
      if (!decision.take) return bytes;
      for (const { cid } of decision.drop) await this.#drop(cid);
      await this.#shelf.keep(release);
      this.#events.onKept(release);
      return bytes;
    } finally {
      unlease();
    }
  }

  /** Asks connected peers what they hold of what may go, and of what may come. */
  async #survey(release: Package, cids: readonly string[]): Promise<void> {
    const contents = cids.flatMap((cid) => {
      const known = this.#shelf.releaseOf(cid);
      return known === undefined ? [] : [known];
    });
    await this.#parts.survey.refresh([release, ...contents], surveyMs);
  }

  async #refuse(cid: string): Promise<void> {
    this.#refused.add(cid);
    const [oldest] = this.#refused;
    if (this.#refused.size > maxRefused && oldest !== undefined) this.#refused.delete(oldest);
    await this.#parts.contents.drop(cid);
  }

  async #drop(cid: string): Promise<void> {
    await this.#shelf.drop(cid);
    this.#events.onDropped(cid);
  }
}
