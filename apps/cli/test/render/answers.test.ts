import { describe, expect, it } from "vitest";

import { renderBootstrap } from "../../src/render/bootstrap.ts";
import { renderRecoveryWords } from "../../src/render/publish.ts";
import { formatCount } from "../../src/render/quantity.ts";
import { createStyle } from "../../src/render/style.ts";

const bare = createStyle(false);

describe("recovery words", () => {
  it("stand in lines of six, so that a terminal breaks none of them", () => {
    const words = Array.from({ length: 24 }, (_, at) => `word${at}`);
    const lines = renderRecoveryWords(words.join(" "), bare).split("\n");
    const shown = lines.filter((line) => line.startsWith("  word"));
    expect(shown.map((line) => line.trim().split(" ").length)).toEqual([6, 6, 6, 6]);
    expect(shown.flatMap((line) => line.trim().split(" "))).toEqual(words);
  });
});

describe("an address that was not reached", () => {
  it("is named once, with the reason", () => {
    const address = "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWX";
    const error = {
      code: "network.dial-failed" as const,
      message: `${address} could not be reached`,
      got: "connection refused",
      hint: "Check its address and that it is running.",
    };
    const report = { results: [{ address, connected: false, error }], connectedPeers: 0 };
    expect(renderBootstrap(report, bare)).toBe(
      `failed     ${address}\n  connection refused\n  → Check its address and that it is running.\n0 peers connected.\n`,
    );
  });
});

it("a count agrees with its noun", () => {
  expect([formatCount(1, "miss"), formatCount(2, "miss"), formatCount(2, "hit")]).toEqual([
    "1 miss",
    "2 misses",
    "2 hits",
  ]);
});
