import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { capability, needs } from "@ggen/testkit";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { useGateway } from "../backend/gateway.ts";
import { contentOf, mallory } from "../backend/packages.ts";

const possible = needs("chromium");
const server = useGateway();
const profile = mkdtempSync(join(tmpdir(), "gg-browser-"));
const screenshots = process.env["GGEN_SCREENSHOTS"];
let context: BrowserContext;
let problems: string[] = [];

beforeAll(async () => {
  if (!possible) return;
  context = await chromium.launchPersistentContext(profile, {
    executablePath: capability("chromium").detail,
    headless: true,
    viewport: { width: 1100, height: 900 },
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}, 60_000);
afterAll(async () => {
  if (possible) await context.close();
  rmSync(profile, { recursive: true, force: true });
});

async function open(path: string): Promise<Page> {
  problems = [];
  const page = await context.newPage();
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(server.gateway.url)) problems.push(`foreign request ${request.url()}`);
  });
  await page.goto(server.gateway.url + path);
  return page;
}

async function shoot(page: Page, name: string): Promise<void> {
  if (screenshots !== undefined) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

function fill(): void {
  const { backend } = server;
  backend.add(
    { id: "io.ggen.base", name: "Base ontology", category: "ontology", tags: ["rdf"], license: "MIT" },
    contentOf("b", 900),
  );
  backend.add({ id: "io.ggen.rust.cli", version: "0.9.0" }, contentOf("old", 800));
  backend.add(
    {
      id: "io.ggen.rust.cli",
      name: "Rust CLI template",
      version: "1.2.0",
      description: "Generates a Rust command line with subcommands, tests and documentation from an ontology.",
      category: "cli",
      tags: ["rust", "clap", "template", "ontology", "testing", "docs", "seventh"],
      authors: ["Ann Author <ann@example.org>"],
      license: "MIT OR Apache-2.0",
      homepage: "https://example.org/rust-cli",
      dependencies: { "io.ggen.base": "^1.0.0" },
      requires: ["clap 4.5"],
      ggenCompat: ">=2.4.0",
    },
    contentOf("cli", 61_234),
  );
  backend.add({ id: "contested", name: "Contested", description: "Two publishers want this id." }, contentOf("c", 10));
  backend.add({ id: "contested", name: "Contested", publisher: mallory }, contentOf("d", 10));
  backend.add(
    {
      id: "evil",
      name: `<script>document.title="owned"</script>Evil`,
      description: `<img src=x onerror="document.title='owned'">\u202eevil`,
      homepage: "javascript:document.title='owned'",
    },
    contentOf("e", 10),
  );
}

/** Contrast of an element's text with what is behind it, as WCAG counts it. */
async function contrast(page: Page, selector: string): Promise<number> {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
      const luminance = (color: string): number => {
        const [r = 0, g = 0, b = 0] = channels(color).map((value) => {
          const share = value / 255;
          return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      let behind: Element | null = element;
      while (behind !== null && channels(getComputedStyle(behind).backgroundColor)[3] === 0)
        behind = behind.parentElement;
      const [a, b] = [getComputedStyle(element).color, getComputedStyle(behind ?? document.body).backgroundColor].map(
        luminance,
      );
      return (Math.max(a ?? 0, b ?? 0) + 0.05) / (Math.min(a ?? 0, b ?? 0) + 0.05);
    });
}

describe.runIf(possible)("in a browser", { timeout: 60_000 }, () => {
  it("finds a package by keyboard, shows it, and downloads it", async () => {
    fill();
    const page = await open("/");
    await shoot(page, "list-light");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    await page.getByLabel("Search packages").fill("rust");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Rust CLI template" }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Rust CLI template 1.2.0");
    expect(await page.locator("pre").textContent()).toBe("ggen marketplace install io.ggen.rust.cli");
    await shoot(page, "package-light");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download archive" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("io.ggen.rust.cli-1.2.0.tar");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("runs nothing that a manifest brought along", async () => {
    fill();
    for (const path of ["/?q=evil", "/packages/evil"]) {
      const page = await open(path);
      expect(await page.title()).not.toBe("owned");
      expect(await page.locator("h1").textContent()).toBeTruthy();
      expect(await page.locator("main script, main img").count()).toBe(0);
      expect(problems).toEqual([]);
      await page.close();
    }
  });

  it.each(["light", "dark"] as const)("can be read in %s", async (colorScheme) => {
    fill();
    for (const path of ["/", "/packages/io.ggen.rust.cli", "/packages/contested"]) {
      const page = await open(path);
      await page.emulateMedia({ colorScheme });
      for (const selector of [
        "h1",
        "main p",
        ".facts",
        "main a",
        ".note",
        ".warning",
        ".chip",
        ".button",
        "dt",
        "footer",
      ]) {
        if ((await page.locator(selector).count()) === 0) continue;
        expect([selector, await contrast(page, selector)]).toEqual([
          selector,
          expect.toSatisfy((ratio) => ratio >= 4.5),
        ]);
      }
      if (colorScheme === "dark") await shoot(page, `dark${path.replaceAll("/", "-")}`);
      await page.close();
    }
  });

  it("fits a phone", async () => {
    fill();
    for (const path of ["/", "/packages/io.ggen.rust.cli", "/packages/contested"]) {
      const page = await open(path);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      await shoot(page, `phone${path.replaceAll("/", "-")}`);
      await page.close();
    }
  });
});
