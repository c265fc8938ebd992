import type { FacetCount, HighlightPart, SearchFacets, SearchPage, SearchResult } from "@ggen/p2p-types";

import type { ListQuery } from "../catalog/list-query.ts";
import { html, type Html } from "./html.ts";
import { layout } from "./layout.ts";
import { filterUrl, packageUrl } from "./link.ts";

/** Tags that a row shows; a package may have 64. */
const shownTags = 6;
/** Values of each facet that narrow the results. */
const shownValues = 8;

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

function describe(list: ListQuery, page: SearchPage): Html {
  const filters = [
    list.text === "" ? undefined : html`for “<bdi>${list.text}</bdi>”`,
    list.categories.length === 0 ? undefined : html`in <bdi>${list.categories.join(" or ")}</bdi>`,
    list.tags.length === 0 ? undefined : html`tagged <bdi>${list.tags.join(" and ")}</bdi>`,
    list.licenses.length === 0 ? undefined : html`under <bdi>${list.licenses.join(" or ")}</bdi>`,
  ].filter((filter) => filter !== undefined);
  const count = page.total === 1 && page.totalIsLowerBound === undefined ? "1 package" : `${totalOf(page)} packages`;
  if (filters.length === 0) return html`${count}`;
  return html`${count} ${filters.flatMap((filter) => [filter, " "])}`;
}

function totalOf({ total, totalIsLowerBound }: SearchPage): string {
  return totalIsLowerBound === true ? `${total}+` : `${total}`;
}

/** The query as a URL of this page, without its place. */
function parametersOf({ text, categories, tags, licenses, query }: ListQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  if (text !== "") parameters.set("q", text);
  for (const category of categories) parameters.append("category", category);
  for (const tag of tags) parameters.append("tags", tag);
  for (const license of licenses) parameters.append("license", license);
  if (query.publisher !== undefined) parameters.set("publisher", query.publisher);
  if (query.sort !== undefined) parameters.set("sort", query.sort);
  if (query.limit !== undefined) parameters.set("limit", String(query.limit));
  return parameters;
}

function pageUrl(list: ListQuery, cursor?: string): string {
  const parameters = parametersOf(list);
  if (cursor !== undefined) parameters.set("cursor", cursor);
  return `/?${parameters.toString()}`;
}

function pages(list: ListQuery, page: SearchPage): Html | undefined {
  const { position, results, next } = page;
  const links = [
    list.query.cursor === undefined ? undefined : html`<a href="${pageUrl(list)}">First page</a>`,
    next === null ? undefined : html`<a rel="next" href="${pageUrl(list, next)}">Next page</a>`,
  ].filter((link) => link !== undefined);
  if (links.length === 0) return undefined;
  const place =
    results.length === 0 ? "nothing here" : html`${position + 1}–${position + results.length} of ${totalOf(page)}`;
  return html`<nav aria-label="Pages"><span>${place}</span> ${links.flatMap((link) => [link, " "])}</nav>`;
}

/** Links that narrow the results by what they say of themselves; none when that would change nothing. */
function narrowing(list: ListQuery, facets: SearchFacets | undefined, total: number): Html | undefined {
  if (facets === undefined) return undefined;
  const links = (
    name: "category" | "tags" | "license",
    counts: readonly FacetCount[],
    chosen: readonly string[],
  ): Html[] =>
    counts
      // A list of the URL is separated by commas: such a value cannot be in it.
      .filter(({ value, count }) => count < total && !value.includes(",") && !chosen.includes(value))
      .slice(0, shownValues)
      .map(({ value, count }) => {
        const parameters = parametersOf(list);
        parameters.append(name, value);
        return html`<a class="chip quiet" href="/?${parameters.toString()}"><bdi>${value}</bdi> ${count}</a> `;
      });
  const chips = [
    ...links("category", facets.categories, list.categories),
    ...links("tags", facets.tags, list.tags),
    ...links("license", facets.licenses, list.licenses),
  ];
  return chips.length === 0 ? undefined : html`<nav class="facts" aria-label="Narrow by">${chips}</nav>`;
}

/** The search page: all packages, or those that match. */
export function searchPage(list: ListQuery, page: SearchPage): Html {
  const { results, total, complete, hiddenByReputation } = page;
  const notes = [
    complete ? undefined : "This node does not have the whole catalogue: there may be more packages.",
    hiddenByReputation === 0 ? undefined : `${hiddenByReputation} hidden: no known holder has the wanted reputation.`,
  ].filter((note) => note !== undefined);
  const empty = html`<p class="empty">
    No package matches. Try fewer or shorter words, or <a href="/">see all packages</a>.
  </p>`;
  return layout(
    list.text === "" ? "ggen marketplace" : `${list.text} – ggen marketplace`,
    list.text,
    html`<h1>${describe(list, page)}</h1>
      ${narrowing(list, page.facets, total)} ${notes.map((note) => html`<p class="note">${note}</p>`)}
      ${
        results.length === 0 && list.query.cursor === undefined
          ? empty
          : html`<ul class="results">
              ${results.map(row)}
            </ul>`
      }
      ${pages(list, page)}`,
  );
}
