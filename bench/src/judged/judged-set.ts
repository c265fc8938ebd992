/** A package as search sees it. */
export interface SearchDocument {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly category?: string;
  readonly tags: readonly string[];
  readonly keywords: readonly string[];
  readonly authors: readonly string[];
  readonly license?: string;
}

/** What a query tries: what somebody types, and how. */
export type QueryKind =
  | "exact-id"
  | "part-of-id"
  | "words"
  | "prefix"
  | "typo"
  | "phrase"
  | "category-or-tag"
  | "author"
  | "plural"
  | "hyphenation";

/** How well a document answers a query; what is not named is 0. */
export type Grade = 1 | 2 | 3;

/** A query and the judgment of every document that answers it. */
export interface JudgedQuery {
  readonly kind: QueryKind;
  readonly text: string;
  /** By document id. */
  readonly grades: Readonly<Record<string, Grade>>;
}

/** Documents with queries over them. */
export interface Collection {
  readonly name: string;
  readonly documents: readonly SearchDocument[];
  readonly queries: readonly JudgedQuery[];
}

/** Which half of the queries: weights are chosen on the one, figures come from the other. */
export type Half = "tuning" | "held-out";

/** The queries of one half: within each kind they take turns. */
export function halfOf(queries: readonly JudgedQuery[], half: Half): JudgedQuery[] {
  const seen = new Map<QueryKind, number>();
  return queries.filter(({ kind }) => {
    const place = seen.get(kind) ?? 0;
    seen.set(kind, place + 1);
    return (place % 2 === 0) === (half === "tuning");
  });
}
