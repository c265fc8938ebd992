import { createHome } from "@ggen/testkit";
import { describe, expect, it } from "vitest";

import { faultsOf } from "../support/failures.ts";

describe("the command line", () => {
  it.each([
    { args: ["marketplace", "serach", "x"], says: ["ggen marketplace search"] },
    { args: ["marketplace", "p2p", "strat"], says: ["ggen marketplace p2p start"] },
    { args: ["nonsense"], says: ["ggen --help"] },
    { args: ["marketplace", "search", "x", "--limt", "5"], says: ["--limit"] },
    { args: ["marketplace", "search", "x", "--limit", "many"], says: ["--limit", "many"] },
    { args: ["marketplace", "search", "x", "--limit", "0"], says: ["--limit", "0"] },
    { args: ["marketplace", "search", "x", "--min-reputation", "2"], says: ["--min-reputation", "2"] },
    { args: ["marketplace", "search", "x", "--sort", "age"], says: ["--sort", "age", "relevance"] },
    { args: ["marketplace", "search", "x", "y"], says: ["y"] },
    { args: ["marketplace", "publish"], says: [/path/i] },
    { args: ["marketplace", "publish", ".", "--replicas", "-1"], says: ["--replicas"] },
    {
      args: ["marketplace", "install"],
      says: ["[PUBLISHER/]ID[@RANGE]", "--frozen-lockfile"],
    },
    { args: ["marketplace", "p2p", "peer-list", "--format", "xml"], says: ["--format", "xml", "yaml"] },
    { args: ["marketplace", "p2p", "start", "--listen"], says: ["--listen"] },
  ])("refuses ggen $args", async ({ args, says }) => {
    const home = createHome();
    expect(await faultsOf(home, { args, code: "usage.invalid", says })).toEqual([]);
  });

  it("refuses configuration keys that do not exist, with a suggestion", async () => {
    const home = createHome();
    for (const args of [
      ["config", "get", "cache.max_size"],
      ["config", "set", "cache.max_size", "5"],
    ]) {
      expect(await faultsOf(home, { args, code: "config.invalid", says: ["cache.max_size_mb"] })).toEqual([]);
    }
    const wrong = ["config", "set", "cache.max_size_mb", "much"];
    expect(await faultsOf(home, { args: wrong, code: "config.invalid", says: ["much"] })).toEqual([]);
  });
});
