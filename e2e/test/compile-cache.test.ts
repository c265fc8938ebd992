import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen } from "@ggen/testkit";
import { expect, it } from "vitest";

import { emptyFolder } from "./support/places.ts";

/** Runs a command in an account of its own. */
async function runIn(account: string): Promise<{ readonly temporary: string; readonly compiled: string }> {
  const temporary = join(account, "tmp");
  mkdirSync(temporary, { recursive: true });
  const env = { HOME: account, TMPDIR: temporary, XDG_CACHE_HOME: "" };
  const result = await ggen(createHome(), ["--version"], { env });
  expect(result.code).toBe(0);
  return { temporary, compiled: join(account, ".cache/ggen/compiled") };
}

it("compiled code is kept where nobody else can put any, and not in the shared temporary folder", async () => {
  const { temporary, compiled } = await runIn(emptyFolder());
  expect(readdirSync(compiled)).not.toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});

it("compiled code is not taken from a folder that others may write to", async () => {
  const account = emptyFolder();
  const planted = join(account, ".cache/ggen/compiled");
  mkdirSync(planted, { recursive: true });
  chmodSync(planted, 0o777);
  const { temporary } = await runIn(account);
  expect(readdirSync(planted)).toEqual([]);
  expect(existsSync(join(temporary, "node-compile-cache"))).toBe(false);
});
