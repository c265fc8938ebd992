import type { CallOptions, NetworkStats, Package, PackageInfo, Query, SearchPage } from "@ggen/p2p-types";

/** What the gateway needs of a node; `P2PRegistry` is one. Every method rejects with `GgenError` only. */
export interface GatewayBackend {
  /** This node's peer id, as text. */
  readonly peerId: string;
  /** A page of the catalogue, one row per package id. */
  searchPage(query: Query, options?: CallOptions): Promise<SearchPage>;
  /**
   * What a reference resolves to. A disputed id is an answer (`disputed`), not an error.
   * @throws GgenError `package.not-found`, `package.version-not-found`, `registry.incomplete`
   */
  info(params: { readonly ref: string }, options?: CallOptions): Promise<PackageInfo>;
  /**
   * Makes the content of a package complete in the local store, fetching it from peers when needed.
   * @throws GgenError `package.no-providers`, `content.mismatch`, `registry.not-running`
   */
  ensureContent(pkg: Package, options?: CallOptions): Promise<void>;
  /**
   * The bytes of a complete content, each chunk checked before it is yielded.
   * @param range - first byte and the byte after the last; the whole when absent
   * @throws GgenError `content.missing`, `content.mismatch`
   */
  readContent(
    cid: string,
    range?: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Figures of the node, for `/metrics`. */
  stats(): Promise<NetworkStats>;
  /** Whether it can answer for the whole catalogue; `/readyz` says so. */
  ready(): boolean;
}
