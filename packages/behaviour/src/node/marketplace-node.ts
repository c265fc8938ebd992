import {
  type ContentProvider,
  type ContentWriter,
  GgenError,
  isGgenError,
  protocols,
  type Query,
  toGgenError,
} from "@ggen/p2p-types";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";
import { CID } from "multiformats/cid";

import type {
  BehaviourComponents,
  BehaviourPeer,
  BehaviourStats,
  MarketplaceBehaviour,
  PeerEvent,
  SyncEvent,
} from "../behaviour.ts";
import { PeerDiscovery } from "../discovery/peer-discovery.ts";
import { download } from "../download/download.ts";
import type { DownloadOptions, DownloadReport } from "../download/types.ts";
import { createGossip, type Gossip } from "../gossip/gossip.ts";
import type { EnvelopeVerdicts } from "../gossip/verdicts.ts";
import { type BandwidthCap, createBandwidthCap } from "../limits/bandwidth.ts";
import { withDeadline } from "../limits/deadline.ts";
import { limits } from "../limits/limits.ts";
import { listOperations, pushOperations } from "../operations/operation-client.ts";
import { challenge } from "../receipt/receipt.ts";
import { ContentRouter } from "../routing/content-router.ts";
import { askSearch } from "../search/search.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import { reconcileWith } from "../sync/sync-client.ts";
import { SyncScheduler } from "../sync/sync-scheduler.ts";
import type { SyncReport } from "../sync/types.ts";
import { maxOperationFrameBytes, type OperationSelector, type PutAnswer } from "../wire/operation-messages.ts";
import { maxReceiptFrameBytes } from "../wire/receipt-messages.ts";
import type { SearchAnswer } from "../wire/search-messages.ts";
import { toNetworkError } from "./errors.ts";
import type { NodeSettings } from "./init.ts";
import type { Libp2pNode } from "./libp2p-node.ts";
import { createListeners, type Listeners } from "./listeners.ts";
import { createPeerStreams, type PeerStreams } from "./peer-streams.ts";
import { connectedSpeakers, listPeers } from "./peer-table.ts";
import { serveProtocols } from "./serve-protocols.ts";

/** The one implementation of {@link MarketplaceBehaviour}: it joins the parts, and holds no protocol logic itself. */
export class MarketplaceNode implements MarketplaceBehaviour {
  readonly peerId: string;
  readonly #components: BehaviourComponents;
  readonly #settings: NodeSettings;
  readonly #node: Libp2pNode;
  readonly #streams: PeerStreams;
  readonly #gossip: Gossip;
  readonly #router: ContentRouter;
  readonly #discovery: PeerDiscovery;
  readonly #sync: SyncScheduler;
  readonly #download: BandwidthCap;
  readonly #peerListeners: Listeners<PeerEvent>;
  readonly #syncListeners: Listeners<SyncEvent>;
  readonly #synced = new Set<string>();
  readonly #fetchingPublishers = new Set<string>();
  readonly #stopping = new AbortController();
  #state: "new" | "started" | "stopped" = "new";
  #latencyMs = 0;
  #bytesDownloaded = 0;
  #bytesUploaded = 0;

  constructor(components: BehaviourComponents, settings: NodeSettings, node: Libp2pNode, verdicts: EnvelopeVerdicts) {
    const { clock, random, operations, evidence } = components;
    const { libp2p } = node;
    const logger = components.logger.child("p2p");
    const onListenerError = (error: unknown): void =>
      logger.log("error", "a listener failed", { error: String(error) });
    this.#components = components;
    this.#settings = settings;
    this.#node = node;
    this.peerId = libp2p.peerId.toString();
    this.#peerListeners = createListeners(onListenerError);
    this.#syncListeners = createListeners(onListenerError);
    this.#streams = createPeerStreams(libp2p, { clock, logger });
    this.#download = createBandwidthCap(clock, settings.downloadKbps);
    this.#gossip = createGossip(
      {
        operations,
        evidence,
        verdicts,
        onOrphan: (peerId, publisher) => void this.#fetchPublisher(peerId, publisher),
      },
      libp2p.services.pubsub,
      settings.packagesTopic,
    );
    this.#router = new ContentRouter({
      dht: libp2p.services.dht,
      clock,
      queryMs: settings.dhtQueryMs,
      hasPeers: () => libp2p.getPeers().length > 0,
    });
    this.#discovery = new PeerDiscovery({
      clock,
      random,
      logger: logger.child("discovery"),
      connectedPeers: () => libp2p.getPeers().length,
      isConnected: (peerId) => this.#isConnected(peerId),
      dial: (addresses) => this.#connect([...addresses], this.#stopping.signal),
    });
    this.#sync = new SyncScheduler({
      clock,
      logger: logger.child("sync"),
      speakers: () => connectedSpeakers(libp2p, protocols.sync, () => random.number()),
      sync: (peerId, signal) => this.#reconcile(peerId, signal),
      onEnd: (peerId, result) => this.#onSyncEnd(peerId, result),
    });
    for (const address of settings.bootstrapNodes) {
      parseAddress(address);
      this.#discovery.add([address], "bootstrap");
    }
  }

  async start(signal?: AbortSignal): Promise<void> {
    if (this.#state !== "new") throw new GgenError("registry.already-running", "The node was already started");
    signal?.throwIfAborted();
    this.#state = "started";
    const { libp2p } = this.#node;
    for (const address of this.#settings.listenAddresses) parseAddress(address);
    await serveProtocols(this.#streams, this.#components, {
      ownPeerId: libp2p.peerId.toMultihash().bytes,
      uploadKbps: this.#settings.uploadKbps,
      onSent: (bytes) => {
        this.#bytesUploaded += bytes;
      },
    });
    this.#listen();
    try {
      await libp2p.start();
    } catch (cause) {
      await this.stop();
      throw listenFailed(this.#settings.listenAddresses, cause);
    }
    this.#gossip.start();
    await this.#recallPeers();
    this.#discovery.start();
    this.#sync.start();
  }

  async stop(): Promise<void> {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#stopping.abort(new GgenError("aborted", "The node was stopped"));
    this.#streams.stop();
    this.#gossip.stop();
    await Promise.all([this.#discovery.stop(), this.#sync.stop()]);
    await this.#node.libp2p.stop();
    this.#node.close();
  }

  addresses(): string[] {
    return this.#node.libp2p.getMultiaddrs().map(String);
  }

  async dial(address: string, signal?: AbortSignal): Promise<string> {
    this.#assertRunning();
    const parsed = parseAddress(address);
    const peerId = await this.#connect([parsed], this.#combine(signal));
    this.#discovery.note(peerId, "manual");
    return peerId;
  }

  async hangUp(peerId: string): Promise<void> {
    await this.#node.libp2p.hangUp(peerIdFromString(peerId));
  }

  async peers(): Promise<BehaviourPeer[]> {
    return listPeers(this.#node.libp2p, this.#discovery, this.#synced);
  }

  onPeer(listener: (event: PeerEvent) => void): () => void {
    return this.#peerListeners.add(listener);
  }

  onSync(listener: (event: SyncEvent) => void): () => void {
    return this.#syncListeners.add(listener);
  }

  async announce(envelope: Uint8Array): Promise<number> {
    this.#assertRunning();
    const recipients = await this.#gossip.announce(envelope);
    if (recipients > 0) return recipients;
    // Right after connecting nobody is known to subscribe yet; reconciliation would find it in minutes only.
    const speakers = await connectedSpeakers(this.#node.libp2p, protocols.operations, () => 0);
    const pushes = speakers.slice(0, this.#settings.meshN).map((peerId) => this.pushOperations(peerId, [envelope]));
    return (await Promise.allSettled(pushes)).filter(({ status }) => status === "fulfilled").length;
  }

  async syncWith(peerId: string, signal?: AbortSignal): Promise<SyncReport> {
    this.#assertRunning();
    return this.#sync.syncWith(peerId, signal);
  }

  async provide(digest: Uint8Array, signal?: AbortSignal): Promise<number> {
    this.#assertRunning();
    return this.#router.provide(digest, this.#combine(signal));
  }

  withdraw(digest: Uint8Array): Promise<void> {
    return this.#router.withdraw(digest);
  }

  async *findProviders(
    digest: Uint8Array,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<ContentProvider> {
    this.#assertRunning();
    for await (const provider of this.#router.findProviders(digest, { signal: this.#combine(options.signal) })) {
      if (provider.peerId !== this.peerId) yield provider;
    }
  }

  async operationsOf(
    peerId: string,
    selector: OperationSelector,
    options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Uint8Array[]> {
    return this.#request(peerId, "operations", options.signal, async (signal) => {
      const frames = await this.#frames(peerId, protocols.operations, maxOperationFrameBytes, signal);
      const envelopes = await listOperations(frames, selector, options.limit ?? 512, signal);
      await frames.close(signal);
      return envelopes;
    });
  }

  async pushOperations(peerId: string, envelopes: readonly Uint8Array[], signal?: AbortSignal): Promise<PutAnswer> {
    return this.#request(peerId, "a push of operations", signal, async (combined) => {
      const frames = await this.#frames(peerId, protocols.operations, maxOperationFrameBytes, combined);
      const answer = await pushOperations(frames, envelopes, combined);
      await frames.close(combined);
      return answer;
    });
  }

  async searchPeer(peerId: string, query: Query, signal?: AbortSignal): Promise<SearchAnswer> {
    return this.#request(peerId, "a search", signal, (combined) =>
      askSearch((maxBytes) => this.#frames(peerId, protocols.search, maxBytes, combined), query, combined),
    );
  }

  async askReceipt(peerId: string, cid: string, signal?: AbortSignal): Promise<boolean> {
    return this.#request(peerId, "a challenge", signal, async (combined) => {
      const frames = await this.#frames(peerId, protocols.receipt, maxReceiptFrameBytes, combined);
      return challenge(this.#components, frames, peerIdFromString(peerId).toMultihash().bytes, cid, combined);
    });
  }

  async download(writer: ContentWriter, options: DownloadOptions = {}): Promise<DownloadReport> {
    this.#assertRunning();
    const signal = this.#combine(options.signal);
    return download(
      {
        ownPeerId: this.peerId,
        clock: this.#components.clock,
        evidence: this.#components.evidence,
        cap: this.#download,
        openStream: (provider, streamSignal) =>
          withDeadline(this.#components.clock, this.#settings.connectionTimeoutMs, streamSignal, "A connection", (s) =>
            this.#streams.open(provider, protocols.chunks, s),
          ),
        onReceived: (bytes) => {
          this.#bytesDownloaded += bytes;
        },
      },
      writer,
      { ...options, signal, providers: options.providers ?? this.#holders(writer.content.cid, signal) },
    );
  }

  async stats(): Promise<BehaviourStats> {
    const { libp2p } = this.#node;
    const { queries, succeeded } = this.#router.counts;
    const { sent, received, delivered } = this.#gossip.counts;
    return {
      connectedPeers: libp2p.getPeers().length,
      knownPeers: (await libp2p.peerStore.all()).filter(({ id }) => !id.equals(libp2p.peerId)).length,
      dhtEntries: this.#node.providerRows(),
      dhtQueries: queries,
      dhtQuerySuccessRate: queries === 0 ? 1 : succeeded / queries,
      gossipSent: sent,
      gossipReceived: received,
      gossipDeliveryRate: sent === 0 ? 1 : delivered / sent,
      requestLatencyMs: this.#latencyMs,
      bytesDownloaded: this.#bytesDownloaded,
      bytesUploaded: this.#bytesUploaded,
    };
  }

  /** A peer was heard of on the local network. */
  onMdnsPeer(addresses: readonly string[]): void {
    if (this.#state === "started") this.#discovery.add(addresses, "mdns");
  }

  #assertRunning(): void {
    if (this.#state !== "started") throw new GgenError("registry.not-running", "The node is not running");
  }

  #combine(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal]);
  }

  #isConnected(peerId: string): boolean {
    return this.#node.libp2p.getConnections(peerIdFromString(peerId)).length > 0;
  }

  #listen(): void {
    const { libp2p } = this.#node;
    libp2p.addEventListener("peer:connect", ({ detail }) => {
      this.#peerListeners.emit({ type: "connect", peerId: detail.toString() });
    });
    libp2p.addEventListener("peer:disconnect", ({ detail }) => {
      this.#synced.delete(detail.toString());
      this.#peerListeners.emit({ type: "disconnect", peerId: detail.toString() });
      this.#discovery.wake();
    });
    libp2p.addEventListener("peer:identify", ({ detail }) => {
      const peerId = detail.peerId.toString();
      this.#peerListeners.emit({ type: "identify", peerId });
      // Whoever dialled begins, so that two peers do not do the same work twice at once.
      if (detail.connection.direction === "outbound" && detail.protocols.includes(protocols.sync)) {
        this.#sync.syncSoon(peerId);
      }
      if (this.#router.pending > 0) void this.#router.retryPending(this.#stopping.signal);
    });
  }

  /** Peers known from an earlier run are candidates too. */
  async #recallPeers(): Promise<void> {
    const { libp2p } = this.#node;
    for (const { id, addresses } of await libp2p.peerStore.all()) {
      if (id.equals(libp2p.peerId) || addresses.length === 0) continue;
      const full = addresses.map(({ multiaddr: address }) => `${address.toString()}/p2p/${id.toString()}`);
      this.#discovery.add(full, "dht");
    }
  }

  async #connect(addresses: Multiaddr[], signal: AbortSignal): Promise<string> {
    const target = addresses[0]?.toString() ?? "";
    try {
      const connection = await this.#node.libp2p.dial(addresses, { signal });
      return connection.remotePeer.toString();
    } catch (cause) {
      if (signal.aborted) throw toGgenError(signal.reason, "aborted");
      throw toNetworkError(cause, target);
    }
  }

  async #frames(peerId: string, protocol: string, maxBytes: number, signal: AbortSignal): Promise<FrameStream> {
    return new FrameStream(await this.#streams.open(peerId, protocol, signal), maxBytes);
  }

  /** One request with its time limit; how long it took is evidence. */
  async #request<T>(
    peerId: string,
    what: string,
    signal: AbortSignal | undefined,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    this.#assertRunning();
    const { clock, evidence } = this.#components;
    const startMs = clock.monotonic();
    try {
      const name = `A request for ${what} to ${peerId}`;
      const result = await withDeadline(clock, limits.requestMs, this.#combine(signal), name, run);
      const ms = clock.monotonic() - startMs;
      this.#latencyMs = this.#latencyMs === 0 ? ms : 0.8 * this.#latencyMs + 0.2 * ms;
      evidence.success(peerId, { ms, bytes: 0 });
      return result;
    } catch (error) {
      if (signal?.aborted === true) throw toGgenError(signal.reason, "aborted");
      const failure = isGgenError(error) ? error : toNetworkError(error, peerId);
      if (failure.code !== "content.missing" && failure.code !== "aborted") evidence.failure(peerId, failure.code);
      throw failure;
    }
  }

  async #reconcile(peerId: string, signal: AbortSignal): Promise<SyncReport> {
    const { clock, operations, createReconciler, evidence } = this.#components;
    return withDeadline(clock, limits.syncMs, signal, `A reconciliation with ${peerId}`, (combined) =>
      reconcileWith(
        {
          operations,
          createReconciler,
          evidence,
          openSync: (s) => this.#frames(peerId, protocols.sync, limits.syncFrameBytes, s),
          openOperations: (s) => this.#frames(peerId, protocols.operations, maxOperationFrameBytes, s),
        },
        peerId,
        combined,
      ),
    );
  }

  #onSyncEnd(peerId: string, result: SyncReport | Error): void {
    if (result instanceof Error) {
      this.#syncListeners.emit({ peerId, error: result });
      return;
    }
    if (result.equal && this.#isConnected(peerId)) this.#synced.add(peerId);
    else this.#synced.delete(peerId);
    this.#syncListeners.emit({ peerId, report: result });
  }

  async #fetchPublisher(peerId: string, publisher: string): Promise<void> {
    if (this.#fetchingPublishers.has(publisher) || this.#fetchingPublishers.size >= 64) return;
    this.#fetchingPublishers.add(publisher);
    try {
      const envelopes = await this.operationsOf(peerId, { publisher });
      await this.#components.operations.accept(envelopes, { via: "fetch", peer: peerId });
    } catch (error) {
      this.#components.logger.log("debug", "a publisher's records were not fetched", { peerId, error: String(error) });
    } finally {
      this.#fetchingPublishers.delete(publisher);
    }
  }

  /** Who may hold a content: connected peers first, then whoever the DHT names. */
  async *#holders(cid: string, signal: AbortSignal): AsyncGenerator<string | ContentProvider> {
    const { random } = this.#components;
    yield* await connectedSpeakers(this.#node.libp2p, protocols.chunks, () => random.number());
    yield* this.findProviders(CID.parse(cid).multihash.digest, { signal });
  }
}

function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address);
  } catch (cause) {
    throw new GgenError("address.invalid", `"${address.slice(0, 200)}" is not a multiaddr`, {
      expected: "/ip4/HOST/tcp/PORT/p2p/PEER_ID",
      cause,
    });
  }
}

function listenFailed(addresses: readonly string[], cause: unknown): GgenError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const named = addresses.filter((address) => reason.includes(address));
  return new GgenError(
    "network.listen-failed",
    `Cannot listen on ${(named.length > 0 ? named : addresses).join(", ")}`,
    {
      expected: "addresses of this machine with free ports",
      got: reason.slice(0, 300),
      cause,
    },
  );
}
