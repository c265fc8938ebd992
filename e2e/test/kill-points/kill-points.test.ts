import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";

import { needs, treeFiles } from "@ggen/testkit";
import { describe, expect, it } from "vitest";

import { emptyFolder } from "../support/places.ts";
import { writePackage } from "../support/packages.ts";
import { seededBytes } from "../support/random-files.ts";
import { traceCommand } from "../syscalls/strace.ts";
import { changesDisk, disk } from "../syscalls/trace.ts";
import { killEverywhere } from "./kill-points.ts";

/** Two versions of a folder, each also as an archive. */
function twoVersions(): { readonly folder: string; readonly versions: readonly string[] } {
  const folder = emptyFolder();
  const versions = ["1.0.0", "1.1.0"].map((version) => {
    const source = writePackage(join(folder, version), "io.example.naive", {
      version,
      files: { "data.txt": seededBytes(version, 60_000).toString("hex"), "notes.txt": version },
    });
    execFileSync("tar", ["-cf", `${source}.tar`, "-C", source, "."]);
    return source;
  });
  return { folder, versions };
}

describe.runIf(needs("strace"))("a process killed where it changes the disk", () => {
  it("leaves neither the old version nor the new one when it is tar", async () => {
    const { folder, versions } = twoVersions();
    const [older = "", newer = ""] = versions;
    const whole = await Promise.all(versions.map((version) => treeFiles(version)));
    const run = async (nth?: number) => {
      const target = join(folder, `target-${nth ?? 0}`);
      cpSync(older, target, { recursive: true });
      const traced = await traceCommand(
        ["tar", "-xf", `${newer}.tar`, "-C", target],
        process.env as Record<string, string>,
        {
          cwd: folder,
          calls: disk,
          ...(nth === undefined ? {} : { killAt: { call: "write", nth } }),
        },
      );
      return { target, traced };
    };
    const { target, traced } = await run();
    const writes = traced.calls.filter((call) => call.name === "write" && changesDisk(call, [target]));
    const killed = await run(writes[Math.floor(writes.length / 2)]?.nth ?? 1);
    expect(killed.traced.killed).toBe(true);
    expect(whole).not.toContainEqual(await treeFiles(killed.target));
  });

  // Every place: pnpm soak kill-points.
  it.each(["install", "update"] as const)("leaves the old version or the new one when it is ggen: %s", async (name) => {
    const { points, kills, hit, faults } = await killEverywhere(name, { decisive: 1, others: 14 });
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(80);
    // Some calls come once more or less often from run to run: then the last one is not there to be hit.
    expect(hit).toBeGreaterThan(kills / 2);
  });

  it.each(["install from the network", "update from the network"] as const)(
    "leaves the old version or the new one, and a store that is whole, when what it needs is fetched: %s",
    async (name) => {
      const { points, kills, hit, faults } = await killEverywhere(name, { decisive: 5, others: 300 });
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(200);
      // The network has more calls come at another place.
      expect(hit).toBeGreaterThan(kills / 3);
    },
  );
});
