import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { applyEdits, readModule } from "../../hostile/weakened/weakness.ts";
import { weaknesses } from "../../hostile/weakened/weaknesses.ts";

const root = join(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "docs/security.md"), "utf8");
/** Each linked test file, with the test names in quotes that follow it. */
const named = [...page.matchAll(/\]\(\.\.\/(\S+\.test\.ts)\)((?:,? "[^"]+")+)/g)].map(([, file = "", names = ""]) => ({
  file,
  names: [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name),
}));

describe("docs/security.md", () => {
  it.each(named)("names tests that exist: $file", ({ file, names }) => {
    expect(existsSync(join(root, file))).toBe(true);
    const text = readFileSync(join(root, file), "utf8");
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
  });

  it("says a test name for every test file that it links to, and leaves no attack out", () => {
    const linked = [...page.matchAll(/\]\(\.\.\/(\S+\.test\.ts)\)/g)].map(([, file = ""]) => file);
    expect(linked).toEqual(named.map(({ file }) => file));
    const attacks = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts"));
    const listed = new Set(linked);
    const missing = attacks.filter((name) => !listed.has(`e2e/test/attacks/${name}`));
    expect(missing).toEqual(["security-page.test.ts"]);
  });
});

it.each(Object.entries(weaknesses))("the weakened build %s still finds what it takes out", (_, { edits }) => {
  for (const module of new Set(edits.map((edit) => edit.module))) {
    const source = readModule(module);
    const own = edits.filter((edit) => edit.module === module);
    expect(applyEdits(source, own)).not.toBe(source);
  }
});
