import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import type { FuzzReport } from "../soak/fuzz.ts";

const root = resolve(import.meta.dirname, "../..");
// The same inputs each time; another seed, or an hour, by hand: `pnpm soak fuzz`.
const seed = Number(process.env["GGEN_FUZZ_SEED"] ?? 1);
const scratch = mkdtempSync(join(tmpdir(), "ggen-fuzz-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A workspace whose only package is a copy of the records package with something taken out of it. */
function plantIn(file: string, was: string, is: string): string {
  const planted = mkdtempSync(join(scratch, "planted-"));
  const copy = join(planted, "packages/types");
  for (const part of ["src", "test", "package.json"]) {
    cpSync(join(root, "packages/types", part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, "packages/types/node_modules"), join(copy, "node_modules"), "junction");
  symlinkSync(join(root, "docs"), join(planted, "docs"), "junction");
  const path = join(copy, "src", file);
  const source = readFileSync(path, "utf8");
  expect(source).toContain(was);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source.replace(was, is));
  return planted;
}

/** Runs the fuzzer as one would by hand. */
function fuzz(...flags: readonly string[]): Promise<FuzzReport> {
  const json = join(mkdtempSync(join(scratch, "report-")), "report.json");
  const main = join(import.meta.dirname, "../soak/main.ts");
  return new Promise((resolve, reject) => {
    // Without what the test runner says to its own processes: the threads of the fuzzer would take it for theirs.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_)/.test(name)));
    execFile(
      process.execPath,
      [main, "fuzz", "--seed", `${seed}`, "--json", json, ...flags],
      { env },
      (error, stdout, stderr) => {
        if (existsSync(json)) resolve(JSON.parse(readFileSync(json, "utf8")) as FuzzReport);
        else reject(new Error(`the fuzzer ended without a report: ${error?.message}\n${stdout}\n${stderr}`));
      },
    );
  });
}

describe("hostile bytes", () => {
  // Half a minute of a machine of its own; among others, every target is begun all the same.
  it(`crash, hang or fool no decoder (seed ${seed})`, { timeout: 300_000 }, async () => {
    const { targets, findings } = await fuzz("--seconds", "36");
    expect(findings).toEqual([]);
    expect(targets.length).toBeGreaterThanOrEqual(58);
    // Each was run for so long that some of its inputs were accepted and some were not.
    expect(targets.filter(({ accepted, ways }) => accepted === 0 || ways < 2)).toEqual([]);
  });

  const planted = [
    {
      what: "a field that nobody knows is passed over",
      target: "operation",
      kind: "crash",
      file: "records/fields.ts",
      was: "if (name !== undefined) throw",
      is: "if (name === '') throw",
    },
    {
      what: "an error of a library comes out",
      target: "envelope",
      kind: "crash",
      file: "records/envelope.ts",
      was: 'throw new GgenError("record.invalid", "An envelope is not deterministic DAG-CBOR", { cause });',
      is: "throw cause;",
    },
    {
      what: "a number is read for ever",
      target: "content node",
      kind: "hang",
      file: "content/file-data.ts",
      was: "for (let at = 3; at < 11; at++)",
      is: "for (let at = 3; at < 11; )",
    },
  ];
  it.each(planted)("are found out when $what", async ({ target, kind, file, was, is }) => {
    const root = plantIn(file, was, is);
    const { findings } = await fuzz("--seconds", "30", "--root", root, "--target", target, "--hang-ms", "3000");
    expect(findings).toEqual([expect.objectContaining({ target, kind })]);
  });
});
