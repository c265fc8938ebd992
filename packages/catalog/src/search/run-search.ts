import type { PublisherId } from "@ggen/p2p-types";

import { fromRow, type ReleaseRow } from "../replica/package-document.ts";
import { enough, filterParameters, findCandidates, partTier } from "./candidates.ts";
import { isSought, type SoughtTerm } from "./match-expression.ts";
import { rank, type Ranked } from "./rank.ts";
import type { FoundPackage, FoundPage, SearchRequest } from "./search-request.ts";
import type { Statements } from "./statements.ts";
import { openVocabulary } from "./vocabulary.ts";
import { highlight } from "./words.ts";

/** Answers a query from the replica. @throws Error "stopped" */
export function runSearch(db: Statements, request: SearchRequest): FoundPage {
  const vocabulary = openVocabulary(db);
  const candidates = findCandidates(db, request, vocabulary);
  const { terms } = candidates;
  const packages = new Map<string, Ranked[]>();
  for (const candidate of rank(db, candidates, vocabulary)) {
    const known = packages.get(candidate.package);
    if (known === undefined) packages.set(candidate.package, [candidate]);
    else known.push(candidate);
  }
  const best = [...packages.values()].map((group) => group.reduce((a, b) => (b.relevance > a.relevance ? b : a)));
  const shown = withoutRest(best);
  const page = shown.toSorted(comparison(request)).slice(request.offset, request.offset + request.limit);
  const { ":denied": denied = null } = filterParameters(request);
  return {
    results: page.flatMap(({ package: id, relevance }) => {
      const matched = new Set((packages.get(id) ?? []).map(({ listing }) => listing));
      return describe(db, id, matched, relevance, terms, denied);
    }),
    total: shown.length,
  };
}

/** What matches only some of the words fills up a first page, the best of it, and no more. */
function withoutRest(found: readonly Ranked[]): readonly Ranked[] {
  const whole = found.filter(({ tier }) => tier < partTier);
  const parts = found.filter(({ tier }) => tier === partTier);
  if (parts.length === 0) return found;
  const order = parts.toSorted((a, b) => b.relevance - a.relevance || (a.package < b.package ? -1 : 1));
  return whole.concat(order.slice(0, Math.max(0, enough - whole.length)));
}

function comparison({ sort, text }: SearchRequest): (a: Ranked, b: Ranked) => number {
  const byId = (a: Ranked, b: Ranked): number => (a.package < b.package ? -1 : a.package > b.package ? 1 : 0);
  if (sort === "name") return (a, b) => a.name.localeCompare(b.name, "en") || byId(a, b);
  if (sort === "updated") return (a, b) => b.updated - a.updated || byId(a, b);
  return text === "" ? byId : (a, b) => b.relevance - a.relevance || b.updated - a.updated || byId(a, b);
}

/** The page's row for an id: of the matching claimants the pinned one, else a trusted one, else the one seen first. */
function describe(
  db: Statements,
  id: string,
  matched: ReadonlySet<number>,
  score: number,
  sought: readonly SoughtTerm[],
  denied: string | null,
): FoundPackage[] {
  const rows = db
    .prepare(
      `SELECT l.listing, l.publisher, e.envelope, r.status, r.yank FROM listings l
       JOIN releases r ON r.operation = l.operation JOIN envelopes e ON e.operation = l.operation
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
