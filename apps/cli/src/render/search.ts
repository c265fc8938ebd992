import type { SearchPage, SearchResult } from "@ggen/p2p-types";

import { formatCount } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderTable } from "./table.ts";

/** A page of results as a table, with what it leaves out. */
export function renderSearch(page: SearchPage, style: Style, width: number): string {
  const rest: string[] = [];
  if (page.total > page.results.length && page.results.length > 0) {
    rest.push(`${page.results.length} of ${page.total}; see more with --offset and --limit`);
  }
  if (page.hiddenByReputation > 0) {
    rest.push(`${formatCount(page.hiddenByReputation, "package")} hidden: no known holder reaches --min-reputation`);
  }
  if (!page.complete) rest.push("this node has not finished its first sync; there may be more");
  const notes = rest.map((line) => `${style.dim(line)}\n`).join("");
  if (page.results.length === 0) return `No package found.\n${notes}`;
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
  return table + notes;
}

function describe({ package: found, claimants }: SearchResult): string {
  const text = found.description || found.name;
  return claimants.length > 1 ? `(${claimants.length} publishers claim this id) ${text}` : text;
}
