import { html, type Html } from "./html.ts";

/** A whole document. */
export function layout(title: string, text: string, main: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/page.css" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="28" height="28" /> ggen marketplace</a>
          <form role="search" action="/" method="get">
            <label for="q" class="hidden">Search packages</label>
            <input
              id="q"
              name="q"
              type="search"
              maxlength="200"
              placeholder="Search packages"
              autocomplete="off"
              value="${text}"
            />
            <button type="submit">Search</button>
          </form>
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <footer>
          Served by a ggen node from its own verified copy of the catalogue. <a href="/openapi.json">API</a>
        </footer>
      </body>
    </html> `;
}
