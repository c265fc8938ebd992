import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { needs } from "@ggen/testkit";
import { describe, expect, it, onTestFinished } from "vitest";

import { cutPower } from "../power-cut/cut-power.ts";
import { buildNoFsync, hasCompiler } from "../power-cut/no-fsync.ts";

// Nodes listen on loopback, and homes have mDNS off, so that tests stay apart.
describe("a power cut", () => {
  it.runIf(needs("loop-mounts"))(
    "loses nothing that was acknowledged, in 25 cuts",
    async () => {
      const { cuts, publishes, installs, fetches, interrupted, losses } = await cutPower({ cuts: 25, seed: 20_250 });
      expect(losses).toEqual([]);
      expect(cuts).toBe(25);
      expect(publishes).toBeGreaterThan(25);
      expect(installs).toBeGreaterThan(5);
      expect(fetches).toBeGreaterThan(20);
      expect(Object.values(interrupted).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
    },
    300_000,
  );

  it.runIf(needs("loop-mounts") && hasCompiler())(
    "does lose what was acknowledged when fsync does nothing",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "gg-shim-"));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const env = buildNoFsync(folder);
      // What it published, and what it fetched from another node, which may be lost at different cuts.
      const expected = [/^io\.example\.cut-.* was acknowledged/, /^io\.example\.fetched-.* was installed/];
      const until = (losses: readonly string[]): boolean =>
        expected.every((pattern) => losses.some((loss) => pattern.test(loss)));
      const { losses } = await cutPower({ cuts: 12, offered: 7, seed: 1, env, until });
      for (const pattern of expected) expect(losses).toContainEqual(expect.stringMatching(pattern));
    },
    300_000,
  );
});
