import { html, type Html } from "./html.ts";

/** Where a package's page is. */
export function packageUrl(id: string, publisher?: string): string {
  return `/packages/${encodeURIComponent(publisher === undefined ? id : `${publisher}/${id}`)}`;
}

/** A link to a URL that a package gave; anything but http and https is shown as text. */
export function foreignLink(url: string): Html {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return html`<bdi>${url}</bdi>`;
  return html`<a href="${new URL(url).href}" rel="nofollow noopener noreferrer"><bdi>${url}</bdi></a>`;
}

/** A page of the search, narrowed to one category or tag. */
export function filterUrl(name: "category" | "tags", value: string): string {
  return `/?${new URLSearchParams({ [name]: value }).toString()}`;
}
