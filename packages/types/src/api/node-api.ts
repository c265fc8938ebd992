import type { Query, SearchPage } from "../package.ts";
import type { NetworkStats, PeerInfo, PeerReputation } from "../peer.ts";
import type { CallOptions } from "./call-options.ts";
import type { InstallParams, InstallResult } from "./installing.ts";
import type { BootstrapReport, CacheStatus, CacheVerifyReport, NodeStatus } from "./node-status.ts";
import type { PackageInfo, WhyReport } from "./package-info.ts";
import type { PublisherApi } from "./publisher-api.ts";
import type { PublishParams, PublishResult } from "./publishing.ts";

/**
 * A node as its users drive it: the same over the control socket, in process, and offline. Every value is plain JSON.
 * Every method rejects with `GgenError` only.
 */
export interface NodeApi extends PublisherApi {
  status(options?: CallOptions): Promise<NodeStatus>;
  stats(options?: CallOptions): Promise<NetworkStats>;
  search(query: Query, options?: CallOptions): Promise<SearchPage>;
  info(params: { readonly ref: string }, options?: CallOptions): Promise<PackageInfo>;
  publish(params: PublishParams, options?: CallOptions): Promise<PublishResult>;
  install(params: InstallParams, options?: CallOptions): Promise<InstallResult>;
  why(params: { readonly ref: string }, options?: CallOptions): Promise<WhyReport>;
  bootstrap(
    params: { readonly addresses: readonly string[]; readonly timeoutMs: number },
    options?: CallOptions,
  ): Promise<BootstrapReport>;
  peers(params: { readonly minReputation?: number }, options?: CallOptions): Promise<readonly PeerInfo[]>;
  peerInfo(
    params: { readonly peerId: string },
    options?: CallOptions,
  ): Promise<{ readonly peer: PeerInfo; readonly reputation: PeerReputation }>;
  cacheStatus(options?: CallOptions): Promise<CacheStatus>;
  cacheVerify(options?: CallOptions): Promise<CacheVerifyReport>;
  cacheGc(options?: CallOptions): Promise<{ readonly freedBytes: number; readonly contents: number }>;
  cachePin(
    params: { readonly ref: string; readonly pinned: boolean },
    options?: CallOptions,
  ): Promise<{ readonly cid: string }>;
  /** Ends the process behind the API after its answer; in process it stops the node. */
  stop(options?: CallOptions): Promise<void>;
}
