import {
  type ContentProvider,
  type ContentWriter,
  GgenError,
  type OperationId,
  protocols,
  type Query,
  throwIfCancelled,
  toGgenError,
} from "@ggen/p2p-types";
import { peerIdFromString } from "@libp2p/peer-id";
import type { Multiaddr } from "@multiformats/multiaddr";

import type {
  BehaviourComponents,
  BehaviourPeer,
  BehaviourStats,
  MarketplaceBehaviour,
  PeerEvent,
  SyncEvent,
} from "../behaviour.ts";
import { download } from "../download/download.ts";
import type { DownloadOptions, DownloadReport } from "../download/types.ts";
import { createEnvelopeVerdicts } from "../gossip/verdicts.ts";
import type { SearchAnswer } from "../search/search.ts";
import { watchSyncs } from "../sync/news-spreader.ts";
import type { ServedSync } from "../sync/sync-server.ts";
import type { SyncProgress } from "../sync/sync-progress.ts";
import type { SyncReport } from "../sync/types.ts";
import type { OperationSelector, PutAnswer } from "../wire/operation-messages.ts";
import type { CopyAnswer } from "../wire/receipt-messages.ts";
import { parseAddress } from "./addresses.ts";
import { listenFailed, toNetworkError } from "./errors.ts";
import { peerIdOfSeed } from "./identity.ts";
import type { NodeSettings } from "./init.ts";
import { createNode } from "./libp2p-node.ts";
import { createListeners, type Listeners } from "./listeners.ts";
import { listenToPeers } from "./peer-events.ts";
import { type Reachability, reachabilityOf } from "./reachability.ts";
import { joinParts, type NodeHooks, type NodeParts } from "./running-node.ts";
import { serveProtocols } from "./serve-protocols.ts";
import { collectStats } from "./stats.ts";

/** The one implementation of {@link MarketplaceBehaviour}: it starts, stops and delegates. */
export class MarketplaceNode implements MarketplaceBehaviour {
  readonly peerId: string;
  readonly #components: BehaviourComponents;
  readonly #settings: NodeSettings;
  readonly #peerListeners: Listeners<PeerEvent>;
  readonly #syncListeners: Listeners<SyncEvent>;
  readonly #stopping = new AbortController();
  #state: "new" | "starting" | "started" | "stopped" = "new";
  #parts: NodeParts | undefined;
  #starting: Promise<void> | undefined;
  #ending: Promise<void> | undefined;

  constructor(components: BehaviourComponents, settings: NodeSettings) {
    const onListenerError = (error: unknown): void =>
      components.logger.log("error", "a listener failed", { error: String(error) });
    this.#components = {
      ...components,
      operations: watchSyncs(components.operations, () => this.#parts?.news.note()),
    };
    this.#settings = settings;
    this.peerId = peerIdOfSeed(components.privateKeySeed).toString();
    this.#peerListeners = createListeners(onListenerError);
    this.#syncListeners = createListeners(onListenerError);
  }

  async start(signal?: AbortSignal, options: { readonly subscribe?: boolean } = {}): Promise<void> {
    if (this.#state !== "new") {
      throw new GgenError("registry.already-running", `The node is ${this.#state}, not new`);
    }
    const cancel = this.#combine(signal);
    throwIfCancelled(cancel);
    this.#state = "starting";
    const starting = this.#start(cancel, options.subscribe !== false);
    this.#starting = starting.catch(() => {});
    await starting;
  }

  subscribe(): void {
    this.#running().gossip.start();
  }

  async stop(): Promise<void> {
    if (this.#state !== "starting") return this.#end();
    // The start sees it, ends what there is of it, and fails.
    this.#stopping.abort(new GgenError("aborted", "The node was stopped"));
    await this.#starting;
  }

  async #start(cancel: AbortSignal, subscribe: boolean): Promise<void> {
    const parts = await this.#makeParts();
    this.#parts = parts;
    try {
      throwIfCancelled(cancel);
      const hooks = {
        onPushed: (envelopes: readonly Uint8Array[]) => this.#passOn(envelopes),
        onReconciled: (peerId: string, { rounds, bytes }: ServedSync) => {
          parts.book.setSynced(peerId, true);
          const report = { received: 0, sent: 0, rounds, bytes, equal: true };
          this.#syncListeners.emit({ peerId, begunBy: "peer", report });
        },
      };
      await serveProtocols(parts, this.#components, this.#settings, hooks, this.#stopping.signal);
      listenToPeers(parts, this.#settings.dhtProtocol, this.#peerListeners, this.#stopping.signal);
      await this.#startLibp2p(parts);
      if (subscribe) parts.gossip.start();
      for (const address of this.#settings.bootstrapNodes) parts.discovery.add([address], "bootstrap");
      for (const addresses of await parts.book.recall()) parts.discovery.add(addresses, "dht");
      throwIfCancelled(cancel);
    } catch (error) {
      await this.#end();
      throw toGgenError(error, "network.listen-failed");
    }
    parts.discovery.start();
    parts.sync.start();
    this.#state = "started";
  }

  #end(): Promise<void> {
    this.#ending ??= this.#endParts();
    return this.#ending;
  }

  async #endParts(): Promise<void> {
    this.#state = "stopped";
    this.#stopping.abort(new GgenError("aborted", "The node was stopped"));
    const parts = this.#parts;
    if (parts === undefined) return;
    parts.links.stop();
    parts.streams.stop();
    parts.gossip.stop();
    await Promise.all([parts.discovery.stop(), parts.sync.stop(), parts.news.stop()]);
    await parts.node.libp2p.stop();
    parts.node.close();
  }

  addresses(): string[] {
    return this.#parts?.node.libp2p.getMultiaddrs().map(String) ?? [];
  }

  reachability(): Reachability {
    return this.#parts?.book.isReached === true ? "public" : reachabilityOf(this.addresses());
  }

  async dial(address: string, signal?: AbortSignal): Promise<string> {
    const { discovery } = this.#running();
    const peerId = await this.#connect([parseAddress(address)], this.#combine(signal));
    discovery.note(peerId, this.#settings.bootstrapNodes.includes(address) ? "bootstrap" : "manual");
    return peerId;
  }

  async hangUp(peerId: string): Promise<void> {
    await this.#running().node.libp2p.hangUp(peerIdFromString(peerId));
  }

  connectedPeers(): string[] {
    return this.#parts?.book.connected() ?? [];
  }

  fullPeers(): string[] {
    return this.#parts?.book.speakers(protocols.sync, () => this.#components.random.number()) ?? [];
  }

  async peers(): Promise<BehaviourPeer[]> {
    return this.#parts === undefined ? [] : this.#parts.book.list(this.#parts.discovery);
  }

  onPeer(listener: (event: PeerEvent) => void): () => void {
    return this.#peerListeners.add(listener);
  }

  onSync(listener: (event: SyncEvent) => void): () => void {
    return this.#syncListeners.add(listener);
  }

  async announce(envelope: Uint8Array): Promise<number> {
    const { gossip, requests } = this.#running();
    const recipients = await gossip.announce(envelope);
    if (recipients > 0) return recipients;
    // Right after connecting nobody is known to subscribe yet; reconciliation would find it in minutes only.
    // A light node would not keep it.
    return requests.pushToAll(this.fullPeers().slice(0, this.#settings.meshN), envelope, this.#stopping.signal);
  }

  async syncWith(peerId: string, signal?: AbortSignal): Promise<SyncReport> {
    return this.#running().sync.syncWith(peerId, signal);
  }

  syncProgress(): SyncProgress | undefined {
    return this.#parts?.syncProgress.current();
  }

  async provide(digest: Uint8Array, signal?: AbortSignal): Promise<number> {
    return this.#running().router.provide(digest, this.#combine(signal));
  }

  provideSoon(digest: Uint8Array): void {
    this.#parts?.router.provideSoon(digest, this.#combine(undefined));
  }

  async withdraw(digest: Uint8Array): Promise<void> {
    await this.#running().router.withdraw(digest);
  }

  provided(): readonly string[] {
    return this.#running().node.ownDigests();
  }

  async *findProviders(
    digest: Uint8Array,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<ContentProvider> {
    const signal = this.#combine(options.signal);
    for await (const provider of this.#running().router.findProviders(digest, { signal })) {
      if (provider.peerId !== this.peerId) yield provider;
    }
  }

  async operationsOf(
    peerId: string,
    selector: OperationSelector,
    { signal, ...page }: { readonly limit?: number; readonly offset?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Uint8Array[]> {
    return this.#running().requests.operationsOf(peerId, selector, this.#combine(signal), page);
  }

  async pushOperations(peerId: string, envelopes: readonly Uint8Array[], signal?: AbortSignal): Promise<PutAnswer> {
    return this.#running().requests.push(peerId, envelopes, this.#combine(signal));
  }

  async searchPeer(peerId: string, query: Query, signal?: AbortSignal): Promise<SearchAnswer> {
    return this.#running().requests.search(peerId, query, this.#combine(signal));
  }

  async holds(
    peerId: string,
    content: { readonly cid: string; readonly size: number },
    signal?: AbortSignal,
  ): Promise<boolean> {
    return this.#running().requests.holds(peerId, content, this.#combine(signal));
  }

  async askReceipt(peerId: string, cid: string, signal?: AbortSignal): Promise<boolean> {
    return this.#running().requests.askReceipt(peerId, cid, this.#combine(signal));
  }

  async askCopy(peerId: string, operation: OperationId, signal?: AbortSignal): Promise<CopyAnswer> {
    return this.#running().requests.askCopy(peerId, operation, this.#combine(signal));
  }

  addressGroup(peerId: string): string | undefined {
    return this.#parts?.book.addressGroup(peerId);
  }

  async download(writer: ContentWriter, options: DownloadOptions = {}): Promise<DownloadReport> {
    const { downloads, holdersOf } = this.#running();
    const signal = this.#combine(options.signal);
    const providers = options.providers ?? holdersOf(writer.content.cid, signal);
    return download(downloads, writer, { ...options, signal, providers });
  }

  async stats(): Promise<BehaviourStats> {
    return collectStats(this.#parts, this.#state === "started");
  }

  #running(): NodeParts {
    if (this.#state !== "started" || this.#parts === undefined) {
      throw new GgenError("registry.not-running", "The node is not running");
    }
    return this.#parts;
  }

  async #makeParts(): Promise<NodeParts> {
    const { privateKeySeed, clock, datastorePath } = this.#components;
    const verdicts = createEnvelopeVerdicts();
    const node = await createNode(this.#settings, privateKeySeed, {
      clock,
      datastorePath,
      verdicts,
      logger: this.#components.logger,
      onMdnsPeer: (addresses) => this.#parts?.discovery.add(addresses, "mdns"),
    });
    const hooks: NodeHooks = {
      connect: (addresses) => this.#connect([...addresses], this.#stopping.signal),
      onSyncEnd: (peerId, result) =>
        this.#syncListeners.emit({
          peerId,
          begunBy: "us",
          ...(result instanceof Error ? { error: result } : { report: result }),
        }),
    };
    return joinParts(this.#components, this.#settings, node, verdicts, hooks, this.#stopping.signal);
  }

  async #startLibp2p({ node }: NodeParts): Promise<void> {
    try {
      await node.libp2p.start();
    } catch (cause) {
      throw listenFailed(this.#settings.listenAddresses, cause);
    }
  }

  #combine(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal]);
  }

  async #connect(addresses: Multiaddr[], signal: AbortSignal): Promise<string> {
    try {
      const connection = await this.#parts?.node.libp2p.dial(addresses, { signal });
      return connection?.remotePeer.toString() ?? "";
    } catch (cause) {
      if (signal.aborted) throw toGgenError(signal.reason, "aborted");
      throw toNetworkError(cause, addresses[0]?.toString() ?? "");
    }
  }

  /** A few operations that a peer pushed here were news: they are announced on, as gossip would have. */
  #passOn(envelopes: readonly Uint8Array[]): void {
    if (this.#state !== "started") return;
    for (const envelope of envelopes) this.#parts?.gossip.announce(envelope).catch(() => {});
  }
}
