import { existsSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createHome, ggen, processesOf, spawnGgen, startNode, stopFleet } from "../src/index.ts";

const cli = `/${join(import.meta.dirname, "fixtures/fake-cli.js").slice(1)}` as const;

describe("ggen", () => {
  it("gives the process its home, its arguments and nothing of ours", async () => {
    const home = createHome();
    process.env["GGEN_LOG"] = "trace";
    const result = await ggen(home, ["echo", "a b", "--json"], { cli });
    delete process.env["GGEN_LOG"];
    expect(result.code).toBe(0);
    expect(result.json()).toEqual({ args: ["a b", "--json"], home, logging: null });
  });

  it("makes a result of a failure, and an error of what is not JSON", async () => {
    const result = await ggen(createHome(), ["fail"], { cli });
    expect(result).toMatchObject({ code: 4, stdout: "", stderr: "went wrong\n" });
    expect(() => result.json()).toThrow(/status 4[^]*went wrong/);
  });

  it("ends what does not end by itself", async () => {
    await expect(ggen(createHome(), ["hang"], { cli, timeoutMs: 300 })).rejects.toThrow("Not done after 300 ms");
  });
});

describe("startNode", () => {
  it("waits until it listens, hands out events, and stops it", async () => {
    const node = await startNode({ home: createHome(), cli });
    expect(node).toMatchObject({ peerId: "12D3Koo", addresses: ["/ip4/127.0.0.1/tcp/1/p2p/12D3Koo"] });
    expect(await node.event("synced")).toMatchObject({ packages: 3 });
    expect(processesOf(node.home)).toEqual([node.pid]);
    expect(await node.stop()).toBe(0);
    expect(processesOf(node.home)).toEqual([]);
    await expect(node.event("never")).rejects.toThrow("ended with status 0");
  });

  it("kills a node as a power cut does, also twice", async () => {
    const node = await startNode({ home: createHome(), cli });
    await node.kill();
    await node.kill();
    expect(processesOf(node.home)).toEqual([]);
  });

  it("says what a node printed that does not start", async () => {
    await expect(startNode({ home: createHome(), cli, args: ["--broken"] })).rejects.toThrow(
      /status 3[^]*home\.locked/,
    );
  });
});

it("stopFleet leaves no process and no folder", async () => {
  const home = createHome();
  const child = spawnGgen(home, ["hang"], { cli });
  await new Promise((resolve) => child.once("spawn", resolve));
  await stopFleet();
  expect(child.signalCode).toBe("SIGKILL");
  expect(processesOf(home)).toEqual([]);
  expect(existsSync(home)).toBe(false);
});
