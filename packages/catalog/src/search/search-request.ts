import type { Package, PublisherId, SearchResult, SearchSort } from "@ggen/p2p-types";

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
  /** Lower case, distinct. */
  readonly tags: readonly string[];
  readonly publisher: PublisherId | null;
  readonly denied: readonly PublisherId[];
  readonly sort: SearchSort;
  readonly limit: number;
  readonly offset: number;
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

/** A page of found packages. */
export interface FoundPage {
  readonly results: readonly FoundPackage[];
  /**
   * How many ids match in all; of very common words only the first 5,000 matches are counted, and where fewer than ten
   * match all words, those that match some fill up to ten.
   */
  readonly total: number;
}
