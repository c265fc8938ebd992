import {
  type CallOptions,
  GgenError,
  type NetworkStats,
  type Package,
  type PackageInfo,
  parseRef,
  type Query,
  type SearchFacets,
  type SearchPage,
} from "@ggen/p2p-types";

import type { GatewayBackend } from "../../src/index.ts";
import { makePackage } from "./packages.ts";

const stats: NetworkStats = {
  connectedPeers: 3,
  totalPeers: 5,
  packages: 2,
  operations: 7,
  dhtEntries: 1,
  dhtQueries: 4,
  dhtQuerySuccessRate: 0.75,
  cacheHitRate: 0.5,
  cacheBytes: 1000,
  gossipSent: 2,
  gossipReceived: 3,
  gossipDeliveryRate: 1,
  requestLatencyMs: 250,
  bytesDownloaded: 10,
  bytesUploaded: 20,
};

const chunkBytes = 64 * 1024;

/** A node whose packages are in memory: small, but it does what the interface says. */
export class MemoryBackend implements GatewayBackend {
  readonly peerId = "12D3KooWGatewayTest";
  isReady = true;
  /** Called before content is given; a test may fail or wait here. */
  beforeContent: (pkg: Package, signal?: AbortSignal) => Promise<void> = async () => {};
  /** Called before each chunk. */
  beforeChunk: (start: number) => Promise<void> = async () => {};
  /** Bytes that were read of any content. */
  bytesRead = 0;
  /** Reads that ended, in whatever way. */
  readsEnded = 0;
  /** What a query with facets is answered with. */
  facets: SearchFacets = { categories: [], tags: [], licenses: [], publishers: [], exact: true };
  /** Queries as they came. */
  readonly queries: Query[] = [];
  readonly #packages: Package[] = [];
  readonly #contents = new Map<string, Buffer>();

  /** Adds a version; later ones are newer. */
  add(overrides: Partial<Package> & { readonly id: string }, content: Buffer): Package {
    const pkg = makePackage(overrides, content);
    this.#packages.push(pkg);
    this.#contents.set(pkg.cid, content);
    return pkg;
  }

  /** Spoils a content without changing what was signed. */
  setContent(cid: string, content: Buffer): void {
    this.#contents.set(cid, content);
  }

  async searchPage(query: Query): Promise<SearchPage> {
    this.queries.push(query);
    const newest = [...new Map(this.#packages.map((pkg) => [pkg.id, pkg])).values()];
    const lower = (items: readonly string[]): string[] => items.map((item) => item.toLowerCase());
    const found = newest.filter(
      (pkg) =>
        `${pkg.id} ${pkg.name} ${pkg.description}`.toLowerCase().includes((query.text ?? "").toLowerCase()) &&
        (query.categories === undefined || lower(query.categories).includes((pkg.category ?? "").toLowerCase())) &&
        (query.tags ?? []).every((tag) => lower(pkg.tags).includes(tag.toLowerCase())),
    );
    const { cursor, limit = 20, ...rest } = query;
    const mark = ` ${JSON.stringify({ ...rest, facets: undefined })}`;
    const given = Buffer.from(cursor ?? "", "base64url").toString();
    if (cursor !== undefined && !given.endsWith(mark)) {
      throw new GgenError("search.cursor", "The cursor does not belong to this search");
    }
    const position = Number.parseInt(given, 10) || 0;
    const end = position + limit;
    return {
      results: found.slice(position, end).map((pkg) => ({
        package: pkg,
        score: 0,
        peerCount: 2,
        claimants: [...new Set(this.#packages.filter(({ id }) => id === pkg.id).map(({ publisher }) => publisher))],
        highlights: {},
      })),
      total: found.length,
      position,
      next: end < found.length ? Buffer.from(`${end}${mark}`).toString("base64url") : null,
      ...(query.facets === true ? { facets: this.facets } : {}),
      hiddenByReputation: 0,
      complete: this.isReady,
    };
  }

  async info({ ref }: { readonly ref: string }): Promise<PackageInfo> {
    const { id, publisher, range } = parseRef(ref);
    const same = this.#packages.filter((pkg) => pkg.id.toLowerCase() === id.toLowerCase());
    const versions = same.filter((pkg) => publisher === undefined || pkg.publisher.startsWith(publisher));
    const first = versions[0];
    if (first === undefined) throw new GgenError("package.not-found", `There is no package ${id}`);
    const publishers = [...new Set(same.map((pkg) => pkg.publisher))];
    const disputed = publisher === undefined && publishers.length > 1;
    const chosen =
      range === undefined
        ? (versions.findLast((pkg) => pkg.yanked === undefined) ?? versions.at(-1))
        : versions.find((pkg) => pkg.version === range);
    if (!disputed && chosen === undefined) {
      throw new GgenError("package.version-not-found", `${id} has no version ${range}`);
    }
    return {
      ...(disputed || chosen === undefined ? {} : { package: chosen }),
      id: first.id,
      versions: versions.map((pkg) => ({
        version: pkg.version,
        publisher: pkg.publisher,
        yanked: pkg.yanked !== undefined,
      })),
      claimants: publishers.map((claimant) => {
        const own = same.filter((pkg) => pkg.publisher === claimant);
        const latest = own.at(-1)?.version ?? "";
        return { publisher: claimant, nickname: "my secret friend", trusted: true, latest, versions: own.length };
      }),
      disputed,
      peerCount: 2,
      local: true,
    };
  }

  async ensureContent(pkg: Package, options?: CallOptions): Promise<void> {
    await this.beforeContent(pkg, options?.signal);
    if (!this.#contents.has(pkg.cid)) throw new GgenError("package.no-providers", "No reachable peer holds it");
  }

  async *readContent(
    cid: string,
    range?: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const content = this.#contents.get(cid);
    if (content === undefined) throw new GgenError("content.missing", "Content is not in the local store");
    const end = Math.min(range?.end ?? content.length, content.length);
    try {
      for (let start = range?.start ?? 0; start < end; start += chunkBytes) {
        await this.beforeChunk(start);
        signal?.throwIfAborted();
        const chunk = content.subarray(start, Math.min(start + chunkBytes, end));
        this.bytesRead += chunk.length;
        yield chunk;
      }
    } finally {
      this.readsEnded += 1;
    }
  }

  async stats(): Promise<NetworkStats> {
    return stats;
  }

  ready(): boolean {
    return this.isReady;
  }
}
