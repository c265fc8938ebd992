import type { Package, PackageInfo } from "@ggen/p2p-types";

import { html, type Html, type HtmlValue } from "./html.ts";
import { layout } from "./layout.ts";
import { filterUrl, foreignLink, packageUrl } from "./link.ts";
import { formatSize } from "./size.ts";

/** Versions that the page lists; the API lists all. */
const shownVersions = 50;

function fact(name: string, value: HtmlValue): Html | undefined {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined;
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div> `;
}

function texts(items: readonly string[]): HtmlValue {
  return items.map((item, index) => html`${index === 0 ? "" : ", "}<bdi>${item}</bdi>`);
}

function dependency([name, range]: readonly [string, string]): Html {
  return html`<li><a href="/packages/${encodeURIComponent(name)}">${name}</a> <code>${range}</code></li>`;
}

function versionRow(pkg: Package, { version, publisher, yanked }: PackageInfo["versions"][number]): Html {
  const here = version === pkg.version && publisher === pkg.publisher;
  const url = `${packageUrl(pkg.id, publisher)}/versions/${encodeURIComponent(version)}`;
  return html`<li>
    <a href="${url}" ${here ? html` aria-current="page"` : undefined}>${version}</a>${yanked ? " (withdrawn)" : ""}
  </li>`;
}

/**
 * The page of a package.
 * @param path - of its endpoint, without `/download`
 */
export function packagePage(pkg: Package, info: PackageInfo, path: string): Html {
  const ref = `${info.claimants.length > 1 ? `${pkg.publisher}/` : ""}${pkg.id}`;
  const exact = path.includes("/versions/") ? `@${pkg.version}` : "";
  const newestFirst = [...info.versions].reverse().filter(({ publisher }) => publisher === pkg.publisher);
  const others = info.claimants.filter(({ publisher }) => publisher !== pkg.publisher);
  return layout(
    `${pkg.name} ${pkg.version} – ggen marketplace`,
    "",
    html`<h1><bdi>${pkg.name}</bdi> <span class="version">${pkg.version}</span></h1>
      <p class="id">${pkg.id}</p>
      ${pkg.yanked === undefined ? undefined : html`<p class="note warning">Withdrawn by its publisher: <bdi>${pkg.yanked.reason}</bdi></p>`}
      <p class="description"><bdi>${pkg.description}</bdi></p>
      <h2>Install</h2>
      <pre tabindex="0"><code>ggen marketplace install ${ref}${exact}</code></pre>
      <p>
        <a class="button" href="${path}/download" download>Download archive</a> ${formatSize(pkg.size)}, uncompressed
        tar
      </p>
      ${
        others.length === 0
          ? undefined
          : html`<p class="note warning">
                ${String(others.length)} more ${others.length === 1 ? "publisher claims" : "publishers claim"} this id:
              </p>
              <ul class="plain">
                ${others.map(({ publisher }) => html`<li><a class="mono" href="${packageUrl(pkg.id, publisher)}">${publisher}</a></li>`)}
              </ul>`
      }
      <h2>About</h2>
      <dl>
        ${fact("Publisher", html`<span class="mono">${pkg.publisher}</span>`)} ${fact("Authors", texts(pkg.authors))}
        ${fact("License", pkg.license === undefined ? undefined : html`<bdi>${pkg.license}</bdi>`)}
        ${fact("Category", pkg.category === undefined ? undefined : html`<a href="${filterUrl("category", pkg.category)}"><bdi>${pkg.category}</bdi></a>`)}
        ${fact(
          "Tags",
          pkg.tags.map((tag) => html`<a class="chip quiet" href="${filterUrl("tags", tag)}"><bdi>${tag}</bdi></a> `),
        )}
        ${fact("Homepage", pkg.homepage === undefined ? undefined : foreignLink(pkg.homepage))}
        ${fact("Repository", pkg.repository === undefined ? undefined : foreignLink(pkg.repository))}
        ${fact("For ggen", pkg.ggenCompat === undefined ? undefined : html`<code>${pkg.ggenCompat}</code>`)}
        ${fact("Requires", texts(pkg.requires))}
        ${fact("Held by", info.peerCount === 1 ? "1 peer" : `${info.peerCount} peers`)}
        ${fact("SHA-256", html`<span class="mono">${pkg.checksum.replace(/^sha256:/, "")}</span>`)}
      </dl>
      ${
        Object.keys(pkg.dependencies).length === 0
          ? undefined
          : html`<h2>Dependencies</h2>
              <ul class="plain">
                ${Object.entries(pkg.dependencies).map(dependency)}
              </ul>`
      }
      <h2>Versions</h2>
      <ul class="plain">
        ${newestFirst.slice(0, shownVersions).map((version) => versionRow(pkg, version))}
      </ul>`,
  );
}
