import type { AskedPeers } from "./api/asked-peers.ts";
import type { Manifest } from "./manifest.ts";
import type { OperationId, PublisherId } from "./records/operation.ts";

/** What describes one version of a package: its manifest under the names that users see. */
export interface PackageMetadata extends Omit<Manifest, "title"> {
  readonly id: string;
  /** The manifest's title. */
  readonly name: string;
  readonly version: string;
}

/** One released version of a package. */
export interface Package extends PackageMetadata {
  readonly publisher: PublisherId;
  /** CIDv1 of the canonical archive. */
  readonly cid: string;
  /** Bytes of the uncompressed archive. */
  readonly size: number;
  /** `sha256:` + 64 hexadecimal digits, over the uncompressed archive. */
  readonly checksum: string;
  /** Author's time in whole seconds since 1970: a claim. */
  readonly releasedAt: number;
  /** The release operation. */
  readonly operation: OperationId;
  /** Present when its publisher withdrew the version. */
  readonly yanked?: { readonly reason: string };
  /** Present and true when its publisher signed two contents for this version. */
  readonly conflicted?: true;
}

/** A package to publish from memory: metadata without defaults, and its files. */
export interface PackageDraft extends Partial<Omit<PackageMetadata, "id" | "version">> {
  readonly id: string;
  readonly version: string;
  /** Path in the archive → content. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
}

/** How search results are ordered: the best first, by id, or the newest release first. */
export type SearchSort = "relevance" | "name" | "updated";

/** What to search for. Everything absent matches all. */
export interface Query {
  /** Words, the last one also as a prefix; those in double quotes have to follow each other. */
  readonly text?: string;
  /** More words. */
  readonly keywords?: readonly string[];
  /** Any of these categories (compared without case). */
  readonly categories?: readonly string[];
  /** One more category. */
  readonly category?: string;
  /** All of these tags (compared without case). */
  readonly tags?: readonly string[];
  /** Any of these licenses (compared without case). */
  readonly licenses?: readonly string[];
  /** Only this publisher: its id; a node takes a unique prefix of 8 or more characters and a nickname too. */
  readonly publisher?: PublisherId;
  /** 1-100; the configured default when absent. */
  readonly limit?: number;
  /** 0 or more; to walk through many results, `cursor` is the faster and steadier way. */
  readonly offset?: number;
  /** `next` of an earlier page of the same query: goes on behind it, whatever arrived meanwhile. Not with `offset`. */
  readonly cursor?: string;
  /** Whether to count the results by category, tag, license and publisher too. Default: false. */
  readonly facets?: boolean;
  readonly sort?: SearchSort;
  /** 0-1: only packages with a known holder of at least this score. */
  readonly minReputation?: number;
}

/** A part of a text, marked when it matched. */
export interface HighlightPart {
  readonly text: string;
  readonly match: boolean;
}

/** One found package: one row per id. */
export interface SearchResult {
  /** The newest version of the claimant that would be installed, or of the first one when that is disputed. */
  readonly package: Package;
  /** Relevance, higher is better; 0 for an empty query. */
  readonly score: number;
  /** Known holders of the content among peers, this node not counted. */
  readonly peerCount: number;
  /** Every publisher that claims this id. */
  readonly claimants: readonly PublisherId[];
  readonly highlights: { readonly name?: readonly HighlightPart[]; readonly description?: readonly HighlightPart[] };
}

/** How many results have a value. */
export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

/** The results of a query counted by what they say of themselves: of each the 20 most frequent values, the most frequent first. */
export interface SearchFacets {
  /** Lower case, as are tags and licenses. */
  readonly categories: readonly FacetCount[];
  readonly tags: readonly FacetCount[];
  readonly licenses: readonly FacetCount[];
  /** Publisher ids. */
  readonly publishers: readonly FacetCount[];
  /** Whether every result was counted; otherwise the first 5,000 that this node learnt of. */
  readonly exact: boolean;
}

/** A page of results. */
export interface SearchPage {
  readonly results: readonly SearchResult[];
  /** How many packages match the query in all. */
  readonly total: number;
  /** Present and true when there are more than `total`, which were not counted. */
  readonly totalIsLowerBound?: true;
  /** How many results come before the first one of this page. */
  readonly position: number;
  /** The `cursor` of the next page; null on the last one. */
  readonly next: string | null;
  /** Present when the query asked for them. */
  readonly facets?: SearchFacets;
  /** How many were left out because no known holder reaches `minReputation`. */
  readonly hiddenByReputation: number;
  /** Whether the catalogue had finished its first sync; otherwise more may exist. Never in a light node. */
  readonly complete: boolean;
  /** Present in a light node that asked others: what they gave is among the results. */
  readonly asked?: AskedPeers;
  /** Present when an id may be taken for another one that the user knows. */
  readonly warnings?: readonly string[];
}

/** An event of the catalogue, as subscribers get it. */
export interface PackageUpdate {
  readonly type: "release" | "yank" | "unyank";
  readonly id: string;
  readonly version: string;
  readonly publisher: PublisherId;
  readonly operation: OperationId;
  /** How this node learnt of it. */
  readonly via: OperationSource;
}

/** How an operation reached this node. */
export type OperationSource = "local" | "gossip" | "sync" | "fetch";
