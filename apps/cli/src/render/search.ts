import type { FacetCount, SearchFacets, SearchPage, SearchResult } from "@ggen/p2p-types";

import { renderAsked } from "./asked.ts";
import { formatCount } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderTable } from "./table.ts";

/** Values of a facet that fit on a line. */
const shownValues = 6;

/** A page of results as a table, with what it leaves out. */
export function renderSearch(page: SearchPage, style: Style, width: number): string {
  const rest: string[] = [];
  if ((page.next !== null || page.position > 0) && page.results.length > 0) {
    const total = page.totalIsLowerBound === true ? `more than ${page.total}` : `${page.total}`;
    rest.push(`${page.results.length} of ${total}; see more with --offset and --limit`);
  }
  if (page.hiddenByReputation > 0) {
    rest.push(`${formatCount(page.hiddenByReputation, "package")} hidden: no known holder reaches --min-reputation`);
  }
  if (page.asked !== undefined) rest.push(renderAsked(page.asked));
  else if (!page.complete) rest.push("this node does not have the whole catalogue; there may be more");
  const notes = rest.map((line) => `${style.dim(line)}\n`).join("");
  if (page.results.length === 0) return `No package found.\n${notes}`;
  const facets = page.facets === undefined ? "" : renderFacets(page.facets, style);
  const table = renderTable<SearchResult>(
    [
      { title: "ID", value: (row) => row.package.id, paint: style.bold },
      { title: "VERSION", value: (row) => row.package.version },
      { title: "PEERS", value: (row) => String(row.peerCount), align: "right" },
      { title: "CATEGORY", value: (row) => row.package.category ?? "-" },
      { title: "DESCRIPTION", value: describe },
    ],
    page.results,
    width,
  );
  return table + facets + notes;
}

/** How many of the results have what: a line for each facet that has values. */
function renderFacets({ categories, tags, licenses, publishers, exact }: SearchFacets, style: Style): string {
  const facets: readonly (readonly [string, readonly FacetCount[]])[] = [
    ["Categories", categories],
    ["Tags", tags],
    ["Licenses", licenses],
    ["Publishers", publishers],
  ];
  const lines = facets
    .filter(([, counts]) => counts.length > 0)
    .map(([title, counts]) => {
      const shown = counts.slice(0, shownValues).map(({ value, count }) => `${value} (${count})`);
      const more = counts.length > shownValues ? ", …" : "";
      return `${style.bold(title.padEnd(10))}  ${shown.join(", ")}${more}\n`;
    });
  if (lines.length === 0) return "";
  return `\n${lines.join("")}${exact ? "" : style.dim("(counted among the first 5,000 of them)\n")}`;
}

function describe({ package: found, claimants }: SearchResult): string {
  const text = found.description || found.name;
  return claimants.length > 1 ? `(${claimants.length} publishers claim this id) ${text}` : text;
}
