import type { ContentCache } from "@ggen/p2p-cache";
import type { RecordReport } from "@ggen/p2p-catalog";
import type { P2PConfig } from "@ggen/p2p-config";
import { selectPeers, plainSuccessRate } from "@ggen/p2p-reputation";
import {
  type BootstrapReport,
  type CallOptions,
  type GeoLocation,
  GgenError,
  type InstallParams,
  type InstallResult,
  type MirrorStatus,
  type NetworkStats,
  type Package,
  type PackageDraft,
  type PackageInfo,
  type PackageUpdate,
  type PeerInfo,
  type PeerReputation,
  type PublishParams,
  type PublishResult,
  type Query,
  type Registry,
  type ReplicaStatus,
  type SearchPage,
  type SearchResult,
  toGgenError,
  type WhyReport,
} from "@ggen/p2p-types";

import { roomNotice } from "./home/room.ts";
import { Installer } from "./install/installer.ts";
import { type OpenParts, openParts, type RegistryOptions } from "./open-parts.ts";
import { connectAll } from "./peers/connect-all.ts";
import { NetworkLife } from "./network-life.ts";
import { Replicas } from "./publish/replicas.ts";
import { type Announcer, createAnnouncer } from "./publish/announcer.ts";
import { publishPackage } from "./publish/publish.ts";
import { setYanked } from "./publish/yank.ts";
import { Publishers } from "./publishers/publishers.ts";
import { figuresOf } from "./query/figures.ts";
import { askProviders, newestPackage } from "./query/lookup.ts";
import { defaultFanOut, PackageReader } from "./query/package-reader.ts";
import { searchCatalog } from "./query/search.ts";
import { canAnswer, type RegistryStatus, statusOf } from "./query/status.ts";
import { updatesOf } from "./query/updates.ts";
import { explainPackage } from "./query/why.ts";
import { createLookAlikeBook, installedIn, type LookAlikeBook } from "./resolve/look-alike-book.ts";
import { createQueue } from "./serial-queue.ts";
import type { RunningNetwork } from "./start-network.ts";

/**
 * A package registry without a server: one node's catalogue, content store and network behind one object.
 *
 * `create` opens the home and nothing else; searching, reading and publishing work from there on, and what needs the
 * network fails with `registry.not-running` until {@link start}.
 */
export class P2PRegistry implements Registry {
  /** The publishers that this node knows, and the changes of own ones. */
  readonly publishers: Publishers;
  /** The open parts, for the composition in this package only. */
  readonly #parts: OpenParts;
  readonly #announcer: Announcer;
  readonly #replicas: Replicas;
  readonly #lookAlikes: LookAlikeBook;
  readonly #reader: PackageReader;
  readonly #installer: Installer;
  /** Publishing is a read-modify-write of a chain: one at a time. */
  readonly #publishing = createQueue();
  readonly #life = new NetworkLife();
  #closing: Promise<void> | undefined;
  #startedAt = 0;
  #location: GeoLocation | undefined;

  private constructor(parts: OpenParts) {
    this.#parts = parts;
    this.#location = parts.config.location;
    this.#lookAlikes = createLookAlikeBook(parts.catalog);
    this.#reader = new PackageReader(parts, this.#lookAlikes);
    this.#replicas = new Replicas(parts);
    this.#announcer = createAnnouncer(parts, (release, count, options) =>
      this.#replicas.collect(release, count, options),
    );
    this.#installer = new Installer(parts, this.#announcer, this.#reader, this.#lookAlikes);
    this.publishers = new Publishers(parts, this.#announcer, this.#publishing);
  }

  /**
   * Opens a registry.
   * @param config - see `defineConfig` and `loadConfig` of `@ggen/p2p-config`
   * @throws GgenError `home.locked`, `home.unwritable`, `storage.*`
   */
  static async create(config: P2PConfig, options: RegistryOptions = {}): Promise<P2PRegistry> {
    return new P2PRegistry(await openParts(config, options));
  }

  get config(): P2PConfig {
    return this.#parts.config;
  }

  /** Absolute path of the node's folder. */
  get home(): string {
    return this.#parts.layout.home;
  }

  get running(): boolean {
    return this.#life.running !== undefined;
  }

  /** This node's peer id. @throws GgenError `registry.not-running` */
  get peerId(): string {
    return this.#started("The peer id").network.peerId;
  }

  /** Multiaddrs under which others can dial this node; empty while it is stopped. */
  get addresses(): readonly string[] {
    return this.#life.running?.network.addresses() ?? [];
  }

  /** What is wrong with the home, or was when it was opened, and what was done about it; for people. */
  async notices(): Promise<readonly string[]> {
    const room = await roomNotice(this.home);
    return room === undefined ? this.#parts.notices : [room, ...this.#parts.notices];
  }

  /** Checks every record of the catalogue. @throws GgenError `aborted` */
  verifyRecords(signal?: AbortSignal): Promise<RecordReport> {
    return this.#parts.catalog.verify(signal === undefined ? {} : { signal });
  }

  /** How many releases of our own wait to be announced. */
  get pendingAnnouncements(): number {
    return this.#announcer.pending();
  }

  /**
   * Starts the node: listens, subscribes to announcements and connects to the configured bootstrap nodes. A bootstrap
   * node that cannot be reached is logged, not thrown: the node goes on trying.
   * @throws GgenError `registry.already-running`, `network.listen-failed`, `identity.invalid`, `aborted`;
   *   `registry.not-running` when it was closed
   */
  async start(signal?: AbortSignal): Promise<void> {
    await this.startListening(signal);
    await this.subscribeToPackages();
    void this.bootstrap(signal === undefined ? {} : { signal }).catch((error: unknown) =>
      this.#parts.logger.log("warn", toGgenError(error).message),
    );
  }

  /**
   * The first step of {@link start}.
   * @throws GgenError `registry.already-running`, `network.listen-failed`, `identity.invalid`, `aborted`;
   *   `registry.not-running` when it was closed
   */
  async startListening(signal?: AbortSignal): Promise<void> {
    this.#refuseReadOnly("start");
    await this.#life.start(async (stopping) => {
      // libp2p takes a third of a second to load: a command that only reads or signs does without.
      const { startNetwork } = await import("./start-network.ts");
      const running = await startNetwork(this.#parts, this.#announcer, this.#replicas, stopping);
      this.#startedAt = this.#parts.clock.monotonic();
      return running;
    }, signal);
  }

  /**
   * The second step of {@link start}: joins the topic of announcements.
   * @throws GgenError `registry.not-running`
   */
  async subscribeToPackages(): Promise<void> {
    this.#started("Subscribing").network.subscribe();
  }

  /**
   * The third step of {@link start}: connects to bootstrap nodes, all at once.
   * @param params - addresses to use instead of the configured ones; a time limit in milliseconds for each
   * @throws GgenError `registry.not-running`, `address.invalid`
   */
  async bootstrap(
    params: { readonly addresses?: readonly string[]; readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<BootstrapReport> {
    const network = this.#started("Connecting").network;
    const addresses = params.addresses ?? this.config.p2p.bootstrapNodes;
    return connectAll(
      { network, clock: this.#parts.clock },
      addresses,
      params.timeoutMs ?? this.config.network.connectionTimeout * 1000,
      params.signal,
    );
  }

  /** Stops the network, or what is starting; the catalogue and the store stay open. Does nothing when stopped. */
  async stop(): Promise<void> {
    await this.#life.stop();
  }

  /**
   * Stops for good, ends what {@link subscribe} gave, and gives the home back. Idempotent: a registry that was closed is
   * not started again, its home is opened anew.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Publishes a folder or a package in memory. Atomic and idempotent.
   * @param source - absolute path of a folder with a manifest, or a package with its files
   * @throws GgenError `manifest.*`, `archive.*`, `publish.*`, `storage.*`
   */
  async publish(
    source: string | PackageDraft,
    options: CallOptions & Omit<PublishParams, "path"> = {},
  ): Promise<PublishResult> {
    this.#refuseReadOnly("publish");
    const { signal, onProgress, ...params } = options;
    return this.#publishing(() =>
      publishPackage(this.#parts, this.#announcer, { ...params, source }, callOptions(signal, onProgress)),
    );
  }

  /**
   * Searches the catalogue; sorted by relevance, one result per id, an empty query matches all, categories are ORed and
   * tags ANDed.
   * @throws GgenError `usage.invalid`
   */
  async search(query: Query, options: CallOptions = {}): Promise<readonly SearchResult[]> {
    return (await this.searchPage(query, options)).results;
  }

  /** {@link search} with the total, what was hidden, and warnings of ids that may be taken for others. */
  async searchPage(query: Query, options: CallOptions = {}): Promise<SearchPage> {
    const page = await searchCatalog(this.#parts, query, options);
    for (const { package: found, peerCount } of page.results) this.#lookAlikes.note(found, peerCount);
    const found = page.results.map((result) => result.package);
    const warnings = this.#lookAlikes.warnings(found, await installedIn(this.#parts.layout.packagesDirectory));
    return warnings.length === 0 ? page : { ...page, warnings };
  }

  /**
   * The newest version of a package, or undefined when the complete catalogue does not have it.
   * @throws GgenError `registry.incomplete`, `package.ambiguous`, `package.yanked`, `package.conflict`
   */
  async get(id: string, options: CallOptions = {}): Promise<Package | undefined> {
    return this.#reader.newest(id, options);
  }

  /** Exactly this version, without any fallback. @throws GgenError as {@link get} */
  async getVersion(id: string, version: string, options: CallOptions = {}): Promise<Package | undefined> {
    return (await this.#reader.releases(id, options)).find((release) => release.version === version);
  }

  /** Every version, ascending; empty when there is no such package. @throws GgenError as {@link get} */
  async listVersions(id: string, options: CallOptions = {}): Promise<readonly string[]> {
    return (await this.#reader.releases(id, options)).map(({ version }) => version);
  }

  /**
   * What a reference means and what else there is of its id.
   * @throws GgenError `ref.invalid`, `package.not-found`, `package.version-not-found`, `registry.incomplete`
   */
  async info(params: { readonly ref: string }, options: CallOptions = {}): Promise<PackageInfo> {
    return this.#reader.info(params.ref, options);
  }

  /** Why a package was or was not found, chosen and can be fetched. @throws GgenError `ref.invalid` */
  why(params: { readonly ref: string }, options: CallOptions = {}): Promise<WhyReport> {
    return explainPackage(this.#parts, params.ref, (id) => this.#reader.lookup(id, options.signal), options);
  }

  /**
   * Installs a package with its dependencies; see {@link InstallParams}.
   * @throws GgenError `package.*`, `dependency.unresolvable`, `content.*`, `archive.invalid`, `lockfile.*`, `storage.*`
   */
  async install(params: InstallParams, options: CallOptions = {}): Promise<InstallResult> {
    this.#refuseReadOnly("install");
    return this.#installer.install(params, options);
  }

  /**
   * Looks one id up through the DHT, whatever the catalogue holds.
   * @throws GgenError `registry.not-running`, `dht.lookup-timeout`
   */
  queryDht(id: string, signal?: AbortSignal): Promise<Package | undefined> {
    return this.queryDhtParallel(id, defaultFanOut, signal);
  }

  /**
   * {@link queryDht} with a chosen fan-out: that many providers are asked at once, the first valid answer wins.
   * @param fanOut - 1-32
   */
  async queryDhtParallel(id: string, fanOut: number, signal?: AbortSignal): Promise<Package | undefined> {
    const found = await askProviders(this.#parts, id, fanOut, signal);
    return found ? this.#reader.known(() => newestPackage(this.#parts, id, signal)) : undefined;
  }

  /**
   * The catalogue's updates from this call on.
   * @param topic - the configured packages topic when absent; there is no other
   * @param signal - ends the iteration, as closing the registry does
   * @throws GgenError `usage.invalid`
   */
  subscribe(topic: string = this.config.p2p.packagesTopic, signal?: AbortSignal): AsyncIterable<PackageUpdate> {
    if (topic !== this.config.p2p.packagesTopic) {
      throw new GgenError("usage.invalid", `No topic ${topic}`, {
        expected: this.config.p2p.packagesTopic,
        got: topic,
      });
    }
    const { closed } = this.#life;
    return updatesOf(this.#parts.catalog, signal === undefined ? closed : AbortSignal.any([signal, closed]));
  }

  /** Sets where this node is; used for distances only, never sent unless it is configured. */
  setLocation(location: GeoLocation | undefined): void {
    this.#location = location;
    this.#parts.evidence.setOwnLocation(location);
  }

  /**
   * Peers to prefer: never below the floor, best first, with some places drawn at random among those above it.
   * @param minReputation - 0-1
   * @param limit - how many at most
   * @param location - distances are measured from here; the node's own location when absent
   */
  async selectBestPeers(
    minReputation: number,
    limit: number,
    location?: GeoLocation,
  ): Promise<readonly PeerReputation[]> {
    const here = location ?? this.#location;
    const candidates = await Promise.all(
      this.#parts.evidence.peers().map((peerId) => this.getComprehensiveReputation(peerId, here)),
    );
    return selectPeers({ candidates, minScore: minReputation, limit, random: this.#parts.random });
  }

  /** The plain success rate of a peer, 0-1; 1 for an unknown one. */
  async getPeerReputation(peerId: string): Promise<number> {
    return plainSuccessRate(this.#parts.evidence.of(peerId));
  }

  /** Score, factors and the counts behind them. @param location - where the peer is, if it is known */
  async getComprehensiveReputation(peerId: string, location?: GeoLocation): Promise<PeerReputation> {
    return this.#parts.evidence.reputation(peerId, location);
  }

  /** Every known peer, connected ones first. @throws GgenError `registry.not-running` */
  async peers(): Promise<readonly PeerInfo[]> {
    const peers = await this.#started("The list of peers").network.peers();
    return peers
      .map((peer) => ({ ...peer, reputation: this.#parts.evidence.reputation(peer.peerId).score }))
      .toSorted((a, b) => Number(b.connected) - Number(a.connected) || b.reputation - a.reputation);
  }

  /**
   * Withdraws one version of our own, or takes that back.
   * @param params - `ref` as ID@VERSION; the reason is for people
   * @throws GgenError `package.version-not-found`, `publish.no-key`
   */
  yank(params: { readonly ref: string; readonly reason: string; readonly yanked: boolean }): Promise<Package> {
    return this.#publishing(() => setYanked(this.#parts, this.#announcer, params));
  }

  /**
   * Keeps a version's content, or no longer, whatever the cache would evict; who keeps one follows its publisher.
   * @throws GgenError `package.no-providers`, `storage.*`, …
   */
  async setPinned(release: Package, pinned: boolean, options: CallOptions = {}): Promise<void> {
    if (!pinned) {
      await this.contents.unpin(release.cid, "user");
      return;
    }
    await this.ensureContent(release, options);
    await this.contents.pin(release.cid, "user");
    this.#parts.catalog.pinOwner(release.id, release.publisher);
  }

  /** Copies that this node keeps for others; undefined while it is stopped. */
  get mirror(): MirrorStatus | undefined {
    return this.#life.running?.availability.status();
  }

  /** Own releases that were published with a wish for copies, and who proved to hold them. */
  get replicas(): readonly ReplicaStatus[] {
    return this.#replicas.status();
  }

  /** The content store of this node. */
  get contents(): ContentCache {
    return this.#parts.contents;
  }

  /** Over the whole admitted set of records: equal on two nodes exactly when their catalogues are. 64 hexadecimal digits. */
  get catalogFingerprint(): string {
    return this.#parts.catalog.fingerprint();
  }

  /** How this node is, while it runs. @throws GgenError `registry.not-running` */
  async status(): Promise<RegistryStatus> {
    return statusOf(this.#parts, this.#started("The status"), {
      uptimeSeconds: Math.floor((this.#parts.clock.monotonic() - this.#startedAt) / 1000),
      pendingAnnouncements: this.#announcer.pending(),
      replicas: this.#replicas.status(),
    });
  }

  /** Figures of this node. */
  async stats(): Promise<NetworkStats> {
    return figuresOf(this.#parts);
  }

  /** Makes the content of a package complete in the local store. @throws GgenError `package.no-providers`, … */
  async ensureContent(release: Package, options: CallOptions = {}): Promise<void> {
    await this.#installer.fetch(release, options);
  }

  /** The bytes of a complete content, verified. @throws GgenError `content.missing`, `content.mismatch` */
  readContent(
    cid: string,
    range?: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    return this.#parts.contents.read(cid, range, signal);
  }

  /** Whether this node can answer for the whole catalogue: by itself, or, a light one, by asking full nodes. */
  ready(): boolean {
    return canAnswer(this.#parts);
  }

  async #close(): Promise<void> {
    try {
      await this.#life.close();
    } finally {
      await this.#parts.close();
    }
  }

  #refuseReadOnly(doing: string): void {
    if (!this.#parts.readOnly) return;
    throw new GgenError("usage.invalid", `A registry that was opened read-only cannot ${doing}`);
  }

  #started(what: string): RunningNetwork {
    if (this.#life.running !== undefined) return this.#life.running;
    throw new GgenError("registry.not-running", `${what} needs a running node`);
  }
}

function callOptions(signal: AbortSignal | undefined, onProgress: CallOptions["onProgress"]): CallOptions {
  return { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }) };
}
