import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { treeFiles } from "@ggen/testkit";
import { describe, expect, it } from "vitest";

import { hasCompiler } from "../../power-cut/no-fsync.ts";
import { writePackage } from "../support/packages.ts";
import { emptyFolder } from "../support/places.ts";
import { seededBytes } from "../support/random-files.ts";
import { buildFullDisk, fillEverywhere } from "./disk-full.ts";

describe.runIf(process.platform === "linux" && hasCompiler())("a disk that is full from a write on, or at one", () => {
  it("leaves half a package when tar unpacks it", async () => {
    const folder = emptyFolder();
    const files = { "data.txt": seededBytes("tar", 60_000).toString("hex") };
    const source = writePackage(join(folder, "source"), "io.example.naive", { files });
    execFileSync("tar", ["-cf", `${source}.tar`, "-C", source, "."]);
    const target = join(folder, "target");
    const log = join(folder, "log");
    const library = buildFullDisk(folder);
    const unpack = (into: string, env: Readonly<Record<string, string>>): number | null => {
      mkdirSync(into);
      return spawnSync("tar", ["-xf", `${source}.tar`, "-C", into], {
        env: { ...process.env, LD_PRELOAD: library, GGEN_FULL_BELOW: folder, ...env },
      }).status;
    };
    expect(unpack(join(folder, "whole"), { GGEN_FULL_LOG: log })).toBe(0);
    const writes = readFileSync(log, "utf8").trim().split("\n").length;
    expect(unpack(target, { GGEN_FULL_FROM: String(Math.floor(writes / 2)) })).not.toBe(0);
    const left = await treeFiles(target);
    expect(left).not.toEqual({});
    expect(left).not.toEqual(await treeFiles(source));
  });

  // Every write: pnpm soak disk-full.
  it.each([
    ["first publish", 13],
    ["publish", 11],
    ["install", 7],
  ] as const)("neither loses nor leaves anything when ggen meets it: %s", async (scenario, every) => {
    const { points, refused, faults } = await fillEverywhere(scenario, every);
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(40);
    expect(refused).toBeGreaterThan(2);
  });
});
