import type { HighlightPart, PublisherId } from "@ggen/p2p-types";

import { filtersOf } from "./filters.ts";
import type { Listed, ListedReader } from "./listed.ts";
import { isSought, type SoughtTerm } from "./match-expression.ts";
import type { FoundPackage, SearchRequest } from "./search-request.ts";
import type { Statements } from "./statements.ts";
import { highlight } from "./words.ts";

/** A row of a page, to be described. */
export interface PageRow {
  /** The number of its id. */
  readonly package: number;
  readonly relevance: number;
  /** The listings of this id that were found; absent: those that pass the filters. */
  readonly listings?: readonly number[];
}

/**
 * The rows of a page as they are shown: of the matching claimants the pinned one, else a trusted one, else the one seen
 * first.
 * @param sought - what is marked
 * @param known - listings that were read already
 */
export function describePage(
  { db, reader }: { readonly db: Statements; readonly reader: ListedReader },
  request: SearchRequest,
  page: readonly PageRow[],
  sought: readonly SoughtTerm[],
  known: ReadonlyMap<number, Listed>,
): FoundPackage[] {
  const claims = readClaims(db, request, page);
  const shown = page.map((row) => {
    const own = claims.get(row.package) ?? [];
    return own.find(({ listing, passes }) => row.listings?.includes(listing) ?? passes);
  });
  const missing = shown.flatMap((claim) => (claim === undefined || known.has(claim.listing) ? [] : [claim.listing]));
  const read = missing.length === 0 ? known : reader.read(missing);
  return page.flatMap((row, place) => {
    const listing = shown[place]?.listing ?? 0;
    const found = (known.get(listing) ?? read.get(listing))?.package;
    if (found === undefined) return [];
    const publishers = (claims.get(row.package) ?? []).map(({ publisher }) => publisher);
    const others = publishers.filter((publisher) => publisher !== found.publisher);
    return [
      {
        package: found,
        score: row.relevance,
        claimants: [found.publisher, ...others],
        highlights: { ...mark("name", found.name, sought), ...mark("description", found.description, sought) },
      },
    ];
  });
}

/** Who claims an id. */
interface Claim {
  readonly listing: number;
  readonly publisher: PublisherId;
  /** Whether it passes the filters. */
  readonly passes: boolean;
}

/** The claimants of each id, the one that would be installed first. */
function readClaims(db: Statements, request: SearchRequest, page: readonly PageRow[]): Map<number, Claim[]> {
  const { condition, denial, parameters } = filtersOf(request);
  const rows = db.rows(
    `SELECT l.package, l.listing, n.name, ${condition("l")}
     FROM json_each(:ids) j CROSS JOIN packages p ON p.package = j.value CROSS JOIN listings l ON l.package = p.package
     CROSS JOIN publishers n ON n.publisher = l.publisher
     LEFT JOIN owners o ON o.package = p.name AND o.publisher = n.name
     LEFT JOIN trust t ON t.publisher = n.name AND t.trusted = 1
     WHERE ${denial("l")}
     ORDER BY j.key, o.publisher IS NULL, t.publisher IS NULL, l.first_seen, n.name`,
    { ...parameters, ":ids": JSON.stringify(page.map((row) => row.package)) },
  );
  const claims = new Map<number, Claim[]>();
  for (const [id, listing, publisher, passes] of rows) {
    const claim = { listing: Number(listing), publisher: String(publisher), passes: passes === 1 };
    const known = claims.get(Number(id));
    if (known === undefined) claims.set(Number(id), [claim]);
    else known.push(claim);
  }
  return claims;
}

function mark(
  field: "name" | "description",
  text: string,
  sought: readonly SoughtTerm[],
): { readonly [K in typeof field]?: readonly HighlightPart[] } {
  const parts = sought.length === 0 ? undefined : highlight(text, (word) => isSought(sought, word));
  return parts === undefined ? {} : { [field]: parts };
}
