import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { escapeHtml, html } from "../../src/page/html.ts";
import { foreignLink } from "../../src/page/link.ts";
import { formatSize } from "../../src/page/size.ts";
import { useGateway } from "../backend/gateway.ts";
import { alice, contentOf, mallory } from "../backend/packages.ts";

const server = useGateway();
const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

async function page(path: string): Promise<string> {
  const answer = await server.get(path, browser);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  return answer.text();
}

describe("escaping", () => {
  it("leaves no character that could begin markup, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(html`<p title="${text}">${[text, 1, undefined]}</p>`.text).toBe(`<p title="${escaped}">${escaped}1</p>`);
      }),
    );
  });

  it("links only what is http", () => {
    for (const url of ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "//x", "x y"]) {
      expect(foreignLink(url).text).not.toContain("href");
    }
    expect(foreignLink("https://x.example/?a=1&b='").text).toContain('href="https://x.example/?a=1&amp;b=%27"');
  });
});

describe("a hostile manifest", () => {
  const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&lt;\u202e`;

  it.each(["/", "/?q=evil", "/packages/evil", "/packages/evil/versions/1.0.0"])(
    "writes no markup into %s",
    async (path) => {
      const url = "javascript:alert(document.domain)//https://x";
      server.backend.add({ id: "evil", version: "0.9.0" }, contentOf("f", 10));
      server.backend.add(
        {
          id: "evil",
          name: attack,
          description: `evil ${attack}`,
          license: attack,
          category: attack,
          tags: [attack, "a,b&c=d"],
          keywords: [attack],
          authors: [attack],
          requires: [attack],
          homepage: url,
          repository: `https://x.example/${attack}`,
          ggenCompat: attack,
          dependencies: { [attack]: attack },
        },
        contentOf("e", 10),
      );
      const text = await page(path);
      expect(text).toContain("&lt;script&gt;");
      expect(text).not.toMatch(/<script|<img src=x/);
      expect(text).not.toMatch(/href="javascript/i);
      const tags = [...text.matchAll(/<([a-z0-9]+)/gi)].map(([, name]) => name?.toLowerCase());
      expect(
        tags.filter((name) => ["script", "iframe", "object", "svg", "style", "base"].includes(name ?? "")),
      ).toEqual([]);
    },
  );

  it("does not write what was searched for as markup either", async () => {
    const text = await page(`/?q=${encodeURIComponent(attack)}&category=${encodeURIComponent(attack)}`);
    expect(text).not.toContain("<script");
    const error = await page(`/packages/${encodeURIComponent(attack)}`);
    expect(error).not.toContain("<script");
  });
});

describe("the page", () => {
  it("may load nothing but its own style sheet and icon, and no script", async () => {
    const answer = await server.get("/", browser);
    const policy = answer.headers["content-security-policy"] ?? "";
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toMatch(/unsafe|script-src|\*/);
    expect(answer.headers.vary).toBe("Accept");
    for (const [, url = ""] of answer.text().matchAll(/(?:src|href)="([^"]*)"/g)) expect(url).toMatch(/^[/#]/);
    const css = await server.get("/assets/page.css");
    expect([css.status, css.headers["content-type"]]).toEqual([200, "text/css; charset=utf-8"]);
    expect(css.text()).not.toMatch(/url\(|@import/);
    expect((await server.get("/assets/icon.svg")).headers["content-type"]).toBe("image/svg+xml");
  });

  it("lists, filters and turns pages without a script", async () => {
    for (let index = 0; index < 25; index += 1) {
      server.backend.add({ id: `pkg-${index}`, tags: ["common"], category: "cli" }, contentOf(`${index}`, 10));
    }
    const first = await page("/?q=pkg&tags=common&limit=10");
    expect(first).toContain("25 packages");
    expect(first).toContain("1–10 of 25");
    const next = /rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(next).toMatch(/^\/\?q=pkg&tags=common&limit=10&cursor=/);
    const second = await page(next);
    expect(second).toContain("11–20 of 25");
    expect(second).toContain('href="/?q=pkg&amp;tags=common&amp;limit=10"');
    expect(await page("/?q=nothing")).toContain("No package matches");
  });

  it("narrows what was found by what it says of itself", async () => {
    for (const id of ["a", "b", "c"]) server.backend.add({ id, category: "cli" }, contentOf(id, 10));
    server.backend.facets = {
      categories: [
        { value: "c&d", count: 2 },
        { value: "cli", count: 1 },
      ],
      tags: [
        { value: "everywhere", count: 3 },
        { value: "one,two", count: 1 },
      ],
      licenses: [{ value: "mit", count: 1 }],
      publishers: [],
      exact: true,
    };
    const text = await page("/?category=cli&sort=name");
    expect(text).toContain('href="/?category=cli&amp;sort=name&amp;category=c%26d"><bdi>c&amp;d</bdi> 2</a>');
    expect(text).toContain('href="/?category=cli&amp;sort=name&amp;license=mit"><bdi>mit</bdi> 1</a>');
    // What all have, what is chosen, and what no list can hold.
    expect(text).not.toMatch(/everywhere|category=cli&amp;category=cli|one,two/);
  });

  it("says when the node may not know all", async () => {
    expect(await page("/")).not.toContain("first sync");
    server.backend.isReady = false;
    expect(await page("/")).toContain("does not have the whole catalogue");
  });

  it("gives the command that installs", async () => {
    server.backend.add({ id: "io.x.pkg", dependencies: { "io.x.base": "^1.0.0" } }, contentOf("a", 12_345));
    const text = await page("/packages/io.x.pkg");
    expect(text).toContain("<code>ggen marketplace install io.x.pkg</code>");
    expect(text).toContain("12.3 KB");
    expect(text).toContain('href="/packages/io.x.base"');
    expect(text).toContain('href="/packages/io.x.pkg/download"');
    expect(await page("/packages/io.x.pkg/versions/1.0.0")).toContain("install io.x.pkg@1.0.0</code>");
  });

  it("lets the reader choose between publishers, and then names the one chosen", async () => {
    server.backend.add({ id: "io.x.pkg" }, contentOf("a", 10));
    server.backend.add({ id: "io.x.pkg", publisher: mallory }, contentOf("m", 10));
    const disputed = await server.get("/packages/io.x.pkg", browser);
    expect(disputed.status).toBe(409);
    expect(disputed.text()).toContain(`href="/packages/${alice}%2Fio.x.pkg"`);
    const chosen = await page(`/packages/${mallory}%2Fio.x.pkg`);
    expect(chosen).toContain(`install ${mallory}/io.x.pkg</code>`);
    expect(chosen).toContain("1 more publisher claims this id");
  });

  it("shows an error as a page, with its status", async () => {
    const answer = await server.get("/packages/none", browser);
    expect([answer.status, answer.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    expect(answer.text()).toContain("package.not-found");
    expect((await server.get("/%", browser)).status).toBe(400);
  });
});

it.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1.0 KB"],
  [99_949, "99.9 KB"],
  [999_499, "999 KB"],
  [999_600, "1.0 MB"],
  [64_000_000, "64.0 MB"],
  [2_500_000_000_000, "2500 GB"],
])("%d is %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
