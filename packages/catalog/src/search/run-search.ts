import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

import type { PublisherId } from "@ggen/p2p-types";

import { fromRow, type ReleaseRow } from "../replica/package-document.ts";
import { isSought, matchExpression, type SoughtWord, soughtWords } from "./match-expression.ts";
import type { FoundPackage, FoundPage, SearchRequest } from "./search-request.ts";
import { withTypos } from "./typo.ts";
import { highlight } from "./words.ts";

/** Matches that are ranked; a query of very common words is cut there. */
const maxCandidates = 5000;
/** Stands above every relevance that words alone can reach. */
const exactIdScore = 1000;

/** Weights of the columns id, words, title, tags, description, authors. */
const weights = "10.0, 8.0, 8.0, 4.0, 2.0, 1.0";

const filters = `
  (:categories IS NULL OR l.category IN (SELECT value FROM json_each(:categories)))
  AND (:tags IS NULL OR (
    SELECT count(*) FROM listing_tags t
    WHERE t.listing = l.listing AND t.tag IN (SELECT value FROM json_each(:tags))
  ) = json_array_length(:tags))
  AND (:publisher IS NULL OR l.publisher = :publisher)
  AND (:denied IS NULL OR l.publisher NOT IN (SELECT value FROM json_each(:denied)))
  AND keep_going(l.listing)`;

interface Candidate {
  readonly listing: number;
  readonly package: string;
  readonly name: string;
  readonly updated: number;
  readonly score: number;
}

type Row = Record<string, SQLOutputValue>;
type Parameters = Record<string, string | null>;

/**
 * Makes a connection ready for {@link runSearch}.
 * @param shouldStop - asked for every row that is looked at
 */
export function prepareForSearch(db: DatabaseSync, shouldStop: () => boolean): void {
  // An exception in an SQL function is the one way to stop a statement that runs.
  db.function("keep_going", { deterministic: false, varargs: true }, () => {
    if (shouldStop()) throw new Error("stopped");
    return 1;
  });
}

/** Answers a query from the replica. @throws Error "stopped" */
export function runSearch(db: DatabaseSync, request: SearchRequest): FoundPage {
  const asJson = (list: readonly string[]): string | null => (list.length === 0 ? null : JSON.stringify(list));
  const parameters: Parameters = {
    ":categories": asJson(request.categories),
    ":tags": asJson(request.tags),
    ":publisher": request.publisher,
    ":denied": asJson(request.denied),
  };
  const { sought, candidates } = request.text === "" ? listAll(db, parameters) : match(db, request, parameters);

  const packages = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const known = packages.get(candidate.package);
    if (known === undefined) packages.set(candidate.package, [candidate]);
    else known.push(candidate);
  }
  const best = [...packages.values()].map((group) => group.reduce((a, b) => (b.score > a.score ? b : a)));
  const page = best.toSorted(comparison(request)).slice(request.offset, request.offset + request.limit);
  return {
    results: page.flatMap(({ package: id, score }) => {
      const matched = new Set((packages.get(id) ?? []).map(({ listing }) => listing));
      return describe(db, id, matched, score, sought, parameters[":denied"] ?? null);
    }),
    total: packages.size,
  };
}

function comparison({ sort, text }: SearchRequest): (a: Candidate, b: Candidate) => number {
  const byId = (a: Candidate, b: Candidate): number => (a.package < b.package ? -1 : a.package > b.package ? 1 : 0);
  if (sort === "name") return (a, b) => a.name.localeCompare(b.name, "en") || byId(a, b);
  if (sort === "updated") return (a, b) => b.updated - a.updated || byId(a, b);
  return text === "" ? byId : (a, b) => b.score - a.score || byId(a, b);
}

function toCandidate(row: Row): Candidate {
  return {
    listing: Number(row["listing"]),
    package: String(row["package"]),
    name: String(row["name"]),
    updated: Number(row["updated"]),
    score: Number(row["score"]),
  };
}

function listAll(db: DatabaseSync, parameters: Parameters): { sought: SoughtWord[]; candidates: Candidate[] } {
  const rows = db
    .prepare(`SELECT l.listing, l.package, l.name, l.updated, 0 AS score FROM listings l WHERE ${filters}`)
    .all(parameters);
  return { sought: [], candidates: rows.map(toCandidate) };
}

/** All words; else all words with typing errors; else any of them. The exact id is found in any case. */
function match(
  db: DatabaseSync,
  request: SearchRequest,
  parameters: Parameters,
): { sought: SoughtWord[]; candidates: Candidate[] } {
  const exact = db
    .prepare(
      `SELECT l.listing, l.package, l.name, l.updated, ${exactIdScore} AS score FROM listings l
       WHERE l.package = :id AND ${filters}`,
    )
    .all({ ...parameters, ":id": request.text.toLowerCase() })
    .map(toCandidate);
  if (request.words.length === 0) return { sought: [], candidates: exact };

  const byWords = db.prepare(
    `SELECT l.listing, l.package, l.name, l.updated, -bm25(listing_words, ${weights}) AS score
     FROM listing_words CROSS JOIN listings l ON l.listing = listing_words.rowid
     WHERE listing_words MATCH :match AND ${filters} LIMIT ${maxCandidates}`,
  );
  const find = (words: readonly SoughtWord[], combine: "AND" | "OR"): Candidate[] =>
    byWords.all({ ...parameters, ":match": matchExpression(words, combine) }).map(toCandidate);

  let sought = soughtWords(request.words);
  let found = find(sought, "AND");
  if (found.length === 0 && exact.length === 0) {
    sought = withTypos(db, sought);
    found = find(sought, "AND");
    if (found.length === 0 && sought.length > 1) found = find(sought, "OR");
  }
  return { sought, candidates: [...exact, ...found] };
}

/** The page's row for an id: of the matching claimants the pinned one, else a trusted one, else the one seen first. */
function describe(
  db: DatabaseSync,
  id: string,
  matched: ReadonlySet<number>,
  score: number,
  sought: readonly SoughtWord[],
  denied: string | null,
): FoundPackage[] {
  const rows = db
    .prepare(
      `SELECT l.listing, l.publisher, r.document, r.status, r.yank FROM listings l
       JOIN releases r ON r.operation = l.operation
       LEFT JOIN owners o ON o.package = l.package AND o.publisher = l.publisher
       LEFT JOIN trust t ON t.publisher = l.publisher AND t.trusted = 1
       WHERE l.package = ? AND (?2 IS NULL OR l.publisher NOT IN (SELECT value FROM json_each(?2)))
       ORDER BY o.publisher IS NULL, t.publisher IS NULL, l.first_seen, l.publisher`,
    )
    .all(id, denied);
  const shown = rows.find((row) => matched.has(Number(row["listing"])));
  if (shown === undefined) return [];
  const found = fromRow(shown as unknown as ReleaseRow);
  const publishers = rows.map((row) => String(row["publisher"]));
  const others = publishers.filter((publisher: PublisherId) => publisher !== found.publisher);
  const mark = (text: string): ReturnType<typeof highlight> => highlight(text, (word) => isSought(sought, word));
  const name = mark(found.name);
  const description = mark(found.description);
  return [
    {
      package: found,
      score,
      claimants: [found.publisher, ...others],
      highlights: { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) },
    },
  ];
}
