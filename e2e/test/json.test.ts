import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, startNode } from "@ggen/testkit";
import { describe, expect, it } from "vitest";

import { documentedExits, type Failure } from "./support/failures.ts";
import { writePackage } from "./support/packages.ts";

// Nodes listen on loopback, and homes have mDNS off, so that tests stay apart.
const docs = join(import.meta.dirname, "../../docs");
const id = "io.example.json";

/** Every command line but `start` and `logs --follow`, which answer line by line and are read by all other tests. */
const lines: readonly (readonly string[])[] = [
  ["cache", "status"],
  ["cache", "verify"],
  ["cache", "gc"],
  ["cache", "pin", id],
  ["cache", "unpin", id],
  ["config", "get", "cache.max_size_mb"],
  ["config", "path"],
  ["config", "set", "cache.max_size_mb", "100"],
  ["config", "show"],
  ["config", "validate"],
  ["doctor"],
  ["marketplace", "publish", "package"],
  ["marketplace", "search", "json"],
  ["marketplace", "info", id],
  ["marketplace", "install", id, "--target", "target"],
  ["marketplace", "list", "--target", "target"],
  ["marketplace", "outdated", "--target", "target"],
  ["marketplace", "update", "--target", "target"],
  ["marketplace", "remove", id, "--target", "target"],
  ["marketplace", "yank", `${id}@1.0.0`, "--reason", "a test"],
  ["marketplace", "unyank", `${id}@1.0.0`],
  ["marketplace", "p2p", "search", ""],
  ["marketplace", "p2p", "publish", "package", "--dry-run"],
  ["marketplace", "p2p", "bootstrap", "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo"],
  ["marketplace", "p2p", "peer-list"],
  ["marketplace", "p2p", "peer-info", "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo"],
  ["marketplace", "p2p", "logs"],
  ["marketplace", "p2p", "status"],
  ["publisher", "init"],
  ["publisher", "list"],
  ["publisher", "show"],
  ["publisher", "trust", "nobody"],
  ["publisher", "untrust", "nobody"],
  ["publisher", "domain", "example.com", "--words-file", "words"],
  ["publisher", "grant", "--new", "--words-file", "words"],
  ["publisher", "recover", "--words-file", "words"],
  ["publisher", "revoke", "nosuchkey", "--words-file", "words"],
  ["publisher", "rotate", "--words-file", "words"],
  ["why", id],
  ["marketplace", "p2p", "stop"],
];

/** Runs a command line with `--json`: what is wrong with its answer, or nothing. */
async function complaints(home: string, line: readonly string[]): Promise<readonly string[]> {
  const result = await ggen(home, [...line, "--json"], { cwd: home });
  const { schema, error } = result.json() as { readonly schema: number; readonly error?: Failure };
  const found = [
    schema === 1 ? "" : `schema ${schema}`,
    result.stderr.includes("Error") ? "an error on stderr" : "",
    error?.code === "internal" ? error.message : "",
    error !== undefined && documentedExits.get(error.code) !== result.code
      ? `exit status ${result.code} for ${error.code}`
      : "",
    error?.message === "" || error?.hint === "" ? "an empty message or hint" : "",
  ];
  return found.filter((text) => text !== "").map((text) => `${line.join(" ")}: ${text}`);
}

describe("--json", () => {
  it("is tried on every command of the reference", () => {
    const names = [...readFileSync(join(docs, "reference/cli.md"), "utf8").matchAll(/^\| `([a-z2 -]+[a-z])/gm)];
    const untried = names
      .map(([, name]) => name ?? "")
      .filter((name) => !lines.some((line) => line.join(" ").startsWith(name)));
    expect(names.length).toBeGreaterThan(30);
    expect(untried).toEqual(["marketplace p2p start"]);
  });

  it("is one value with a schema and nothing else, where no node runs", async () => {
    const home = createHome();
    writePackage(join(home, "package"), id);
    writeFileSync(join(home, "words"), "these are not the words\n", { mode: 0o600 });
    for (const line of lines) expect(await complaints(home, line)).toEqual([]);
  });

  it("is one value with a schema and nothing else, where a node runs", async () => {
    const home = createHome();
    writePackage(join(home, "package"), id);
    writeFileSync(join(home, "words"), "these are not the words\n", { mode: 0o600 });
    const node = await startNode({ home });
    for (const line of lines) expect(await complaints(home, line)).toEqual([]);
    expect(await node.exited).toBe(0);
  });

  it("is also the form of errors in the command line itself", async () => {
    const home = createHome();
    expect(await complaints(home, ["marketplace", "nosuch"])).toEqual([]);
    expect(await complaints(home, ["marketplace", "search", "--limit", "many"])).toEqual([]);
    expect(await complaints(home, ["marketplace", "p2p", "start", "--listen", "nowhere"])).toEqual([]);
  });
});
