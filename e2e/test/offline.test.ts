import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, processesOf, startNode, treeFiles } from "@ggen/testkit";
import { describe, expect, it } from "vitest";

import { writePackage } from "./support/packages.ts";

// Nodes listen on loopback, and homes have mDNS off, so that tests stay apart.
const patient = { timeout: 20_000, interval: 100 };
const replicaNote = "note: the node is not running; this is what the local catalogue knows\n";

const search = (home: string, words: string): Promise<{ readonly stdout: string; readonly stderr: string }> =>
  ggen(home, ["marketplace", "search", words]);

describe("publish without a node", () => {
  it("stores and queues; the release is announced when the node starts", async () => {
    const author = createHome();
    const path = writePackage(join(author, "later"), "io.example.later", { files: { "later.txt": "at last\n" } });
    const published = await ggen(author, ["marketplace", "publish", path]);
    expect(published.code).toBe(0);
    expect(published.stdout).toContain("Published io.example.later@1.0.0");
    expect(published.stdout).toContain("it will be announced when the node starts");

    const reader = await startNode({ home: createHome() });
    expect((await search(reader.home, "later")).stdout).toContain("No package found.");
    const node = await startNode({ home: author, args: ["--bootstrap", reader.addresses[0] ?? ""] });
    await expect.poll(async () => (await search(reader.home, "later")).stdout, patient).toContain("io.example.later");
    const target = join(reader.home, "target");
    const installed = await ggen(reader.home, ["marketplace", "install", "io.example.later", "--target", target]);
    expect(installed.code).toBe(0);
    expect(await treeFiles(join(target, "io.example.later"))).toEqual(await treeFiles(path));
    expect(await node.stop()).toBe(0);
    expect(await reader.stop()).toBe(0);
  });
});

describe("reading without a node", () => {
  it("answers from the local replica, and says so beside the answer", async () => {
    const publisher = await startNode({ home: createHome() });
    const path = writePackage(join(publisher.home, "known"), "io.example.known");
    expect((await ggen(publisher.home, ["marketplace", "publish", path])).code).toBe(0);
    const home = createHome();
    const reader = await startNode({ home, args: ["--bootstrap", publisher.addresses[0] ?? ""] });
    await expect.poll(async () => (await search(home, "known")).stdout, patient).toContain("io.example.known");
    await reader.stop();
    await publisher.stop();

    const found = await search(home, "known");
    expect(found.stdout).toMatch(/^io\.example\.known +1\.0\.0/m);
    expect(found.stderr).toBe(replicaNote);
    const info = await ggen(home, ["marketplace", "info", "io.example.known"]);
    expect(info).toMatchObject({ code: 0, stderr: replicaNote });
    expect(info.stdout).toContain("io.example.known");
    const list = await ggen(home, ["marketplace", "list"]);
    expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing is installed") as unknown });
    const peers = await ggen(home, ["marketplace", "p2p", "peer-list"]);
    expect(peers).toMatchObject({ code: 3, stdout: "" });
    expect(peers.stderr).toContain("[registry.not-running]");
  });
});

describe("install without a node", () => {
  it("works from the local store, with no network", async () => {
    const home = createHome();
    const path = writePackage(join(home, "own"), "io.example.own", { files: { "own.txt": "mine\n" } });
    await ggen(home, ["marketplace", "publish", path]);
    const target = join(home, "target");
    const installed = await ggen(home, ["marketplace", "install", "io.example.own", "--target", target]);
    expect(installed.code).toBe(0);
    expect(installed.stdout).toContain("from the local store, verified");
    expect(installed.stderr).not.toContain("starting a node");
    expect(await treeFiles(join(target, "io.example.own"))).toEqual(await treeFiles(path));
  });

  it("otherwise starts a node that uses the configured bootstrap nodes, and ends with the command", async () => {
    const publisher = await startNode({ home: createHome() });
    const path = writePackage(join(publisher.home, "far"), "io.example.far", { files: { "far.txt": "away\n" } });
    expect((await ggen(publisher.home, ["marketplace", "publish", path])).code).toBe(0);
    const home = createHome({
      config: `[network]\nmdns = false\n[p2p]\nbootstrap_nodes = ["${publisher.addresses[0]}"]\nlisten_addresses = ["/ip4/127.0.0.1/tcp/0"]\n`,
    });
    const target = join(home, "target");
    const installed = await ggen(home, ["marketplace", "install", "io.example.far", "--target", target]);
    expect(installed.stderr).toContain("starting a node for this command");
    expect(installed.stdout).toContain("from the network (1 peer), verified");
    expect(installed.code).toBe(0);
    expect(await treeFiles(join(target, "io.example.far"))).toEqual(await treeFiles(path));
    expect(processesOf(home)).toEqual([]);

    // With nobody to ask, it says so, and leaves nothing.
    writeFileSync(join(home, "config.toml"), "[network]\nmdns = false\n");
    const nowhere = join(home, "nowhere");
    const failed = await ggen(home, ["marketplace", "install", "io.example.unknown", "--target", nowhere, "--json"]);
    expect(failed.code).not.toBe(0);
    expect(failed.json()).toMatchObject({
      error: { code: expect.stringMatching(/^(?:package|registry)\./) as unknown },
    });
    expect(await treeFiles(home, (name) => name.startsWith("nowhere"))).toEqual({});
    await publisher.stop();
  });
});
