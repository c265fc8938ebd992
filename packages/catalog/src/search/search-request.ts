import type { Package, PublisherId, SearchFacets, SearchResult, SearchSort } from "@ggen/p2p-types";

/** Where a page ends: the next one goes on behind it, over the same listings, weighed alike. */
export interface Place {
  /** The highest listing that counts; 0 where the order needs none. */
  readonly asOf: number;
  /** How many results came before. */
  readonly seen: number;
  /** What the last result was ordered by: relevance, time, title or id. */
  readonly key: number | string;
  /** What came second: the time of the release. */
  readonly updated: number;
  /** And last. */
  readonly listing: number;
  /** What each term weighed. */
  readonly weights: readonly number[];
}

/** A checked query, as it goes to the worker. */
export interface SearchRequest {
  /** What was typed, trimmed: sought as a whole id too. */
  readonly text: string;
  /** Those outside phrases, folded and distinct. */
  readonly words: readonly string[];
  /** What stood in quotes: words that have to follow each other. */
  readonly phrases: readonly (readonly string[])[];
  /** Lower case. */
  readonly categories: readonly string[];
  /** Lower case. */
  readonly licenses: readonly string[];
  /** Lower case, distinct. */
  readonly tags: readonly string[];
  readonly publisher: PublisherId | null;
  readonly denied: readonly PublisherId[];
  readonly sort: SearchSort;
  readonly limit: number;
  readonly offset: number;
  /** Where the page before ended. */
  readonly after: Place | null;
  readonly facets: boolean;
}

/** One found package. */
export interface FoundPackage {
  readonly package: Package;
  /** Relevance, higher is better; 0 for an empty query. */
  readonly score: number;
  /** Every publisher with a release of this id that is not withdrawn, the one shown first. */
  readonly claimants: readonly PublisherId[];
  readonly highlights: SearchResult["highlights"];
}

/** What the worker answers. */
export interface FoundRows {
  readonly results: readonly FoundPackage[];
  /**
   * How many ids match in all. At most 5,000 matches of words, and of filters alone, are counted; where fewer than ten
   * match all words, those that match some fill up to ten.
   */
  readonly total: number;
  /** Present and true when there are more. */
  readonly totalIsLowerBound?: true;
  /** How many results come before the first one of this page. */
  readonly position: number;
  /** Present when the request asked for them. */
  readonly facets?: SearchFacets;
  /** Where the next page begins; null on the last one. */
  readonly end: Place | null;
}

/** A page of found packages. */
export interface FoundPage extends Omit<FoundRows, "end"> {
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}
