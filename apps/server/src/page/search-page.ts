import type { HighlightPart, SearchPage, SearchResult } from "@ggen/p2p-types";

import type { ListQuery } from "../catalog/list-query.ts";
import { html, type Html } from "./html.ts";
import { layout } from "./layout.ts";
import { filterUrl, packageUrl } from "./link.ts";

/** Tags that a row shows; a package may have 64. */
const shownTags = 6;

function highlighted(parts: readonly HighlightPart[] | undefined, text: string): Html {
  if (parts === undefined) return html`<bdi>${text}</bdi>`;
  return html`<bdi>${parts.map((part) => (part.match ? html`<mark>${part.text}</mark>` : part.text))}</bdi>`;
}

function row({ package: pkg, claimants, peerCount, highlights }: SearchResult): Html {
  const holders = peerCount === 1 ? "1 peer" : `${peerCount} peers`;
  return html`<li>
    <h2>
      <a href="${packageUrl(pkg.id)}">${highlighted(highlights.name, pkg.name)}</a>
      <span class="version">${pkg.version}</span>
    </h2>
    <p class="id">${pkg.id}</p>
    <p>${highlighted(highlights.description, pkg.description)}</p>
    <p class="facts">
      ${pkg.category === undefined ? undefined : html`<a class="chip" href="${filterUrl("category", pkg.category)}"><bdi>${pkg.category}</bdi></a>`}
      ${pkg.tags.slice(0, shownTags).map((tag) => html`<a class="chip quiet" href="${filterUrl("tags", tag)}"><bdi>${tag}</bdi></a> `)}
      <span>held by ${holders}</span>
      ${claimants.length > 1 ? html`<strong class="warning">${claimants.length} publishers claim this id</strong>` : undefined}
    </p>
  </li> `;
}

function describe(list: ListQuery, total: number): Html {
  const filters = [
    list.text === "" ? undefined : html`for “<bdi>${list.text}</bdi>”`,
    list.categories.length === 0 ? undefined : html`in <bdi>${list.categories.join(" or ")}</bdi>`,
    list.tags.length === 0 ? undefined : html`tagged <bdi>${list.tags.join(" and ")}</bdi>`,
  ].filter((filter) => filter !== undefined);
  if (filters.length === 0) return html`${total === 1 ? "1 package" : `${total} packages`}`;
  return html`${total === 1 ? "1 package" : `${total} packages`} ${filters.flatMap((filter) => [filter, " "])}`;
}

function pageUrl(list: ListQuery, offset: number): string {
  const parameters = new URLSearchParams();
  if (list.text !== "") parameters.set("q", list.text);
  for (const category of list.categories) parameters.append("category", category);
  for (const tag of list.tags) parameters.append("tags", tag);
  if (list.query.limit !== undefined) parameters.set("limit", String(list.query.limit));
  if (offset > 0) parameters.set("cursor", list.cursorAt(offset));
  return `/?${parameters.toString()}`;
}

function pages(list: ListQuery, shown: number, total: number): Html | undefined {
  const end = list.offset + shown;
  const links = [
    list.offset > 0 ? html`<a href="${pageUrl(list, 0)}">First page</a>` : undefined,
    shown > 0 && end < total ? html`<a rel="next" href="${pageUrl(list, end)}">Next page</a>` : undefined,
  ].filter((link) => link !== undefined);
  if (links.length === 0) return undefined;
  const place = shown === 0 ? "nothing here" : `${list.offset + 1}–${end} of ${total}`;
  return html`<nav aria-label="Pages"><span>${place}</span> ${links.flatMap((link) => [link, " "])}</nav>`;
}

/** The search page: all packages, or those that match. */
export function searchPage(list: ListQuery, { results, total, complete, hiddenByReputation }: SearchPage): Html {
  const notes = [
    complete ? undefined : "This node has not finished its first sync: there may be more packages.",
    hiddenByReputation === 0 ? undefined : `${hiddenByReputation} hidden: no known holder has the wanted reputation.`,
  ].filter((note) => note !== undefined);
  const empty = html`<p class="empty">
    No package matches. Try fewer or shorter words, or <a href="/">see all packages</a>.
  </p>`;
  return layout(
    list.text === "" ? "ggen marketplace" : `${list.text} – ggen marketplace`,
    list.text,
    html`<h1>${describe(list, total)}</h1>
      ${notes.map((note) => html`<p class="note">${note}</p>`)}
      ${
        results.length === 0 && list.offset === 0
          ? empty
          : html`<ul class="results">
              ${results.map(row)}
            </ul>`
      }
      ${pages(list, results.length, total)}`,
  );
}
