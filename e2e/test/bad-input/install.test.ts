import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, type NodeProcess, startNode, treeFiles } from "@ggen/testkit";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { documentedExits, type Failure, faultsOf, runFailing, startOnce } from "../support/failures.ts";
import { writePackage } from "../support/packages.ts";

// Nodes listen on loopback, and homes have mDNS off, so that tests stay apart.
const p2p = ["marketplace", "p2p"];

describe("installing and asking", () => {
  let node: NodeProcess;
  let home: string;
  beforeAll(async () => {
    const publisher = await startNode({ home: createHome() });
    await ggen(publisher.home, ["marketplace", "publish", writePackage(join(publisher.home, "p"), "io.example.here")]);
    home = createHome();
    node = await startNode({ home, args: ["--bootstrap", publisher.addresses[0] ?? ""] });
    await vi.waitFor(
      async () => {
        const { stdout } = await ggen(home, ["marketplace", "search", "here"]);
        if (!stdout.includes("io.example.here")) throw new Error(stdout);
      },
      { timeout: 20_000, interval: 100 },
    );
  });
  afterAll(() => node.stop());

  it.each([
    { args: ["install", "io.example.nowhere"], code: "package.not-found", says: ["io.example.nowhere"] },
    { args: ["info", "io.example.nowhere"], code: "package.not-found", says: ["io.example.nowhere"] },
    { args: ["install", "io.example.here@^9.0.0"], code: "package.version-not-found", says: ["1.0.0", /\^9\.0\.0/] },
    { args: ["install", "someone/io.example.here"], code: "publisher.not-found", says: ["someone"] },
    { args: ["install", "a/b/c"], code: "ref.invalid", says: ["a/b/c"] },
    { args: ["install", "io.example.here@"], code: "ref.invalid", says: ["io.example.here@"] },
    { args: ["install", "io.example.here@newest"], code: "version.invalid", says: ["newest"] },
    { args: ["install", "not an id"], code: "ref.invalid", says: ["not an id"] },
    { args: ["info", ".."], code: "ref.invalid", says: [".."] },
    { args: ["remove", "io.example.here"], code: "package.not-installed", says: ["io.example.here"] },
    { args: ["yank", "io.example.here@1.0.0"], code: "package.version-not-found", says: ["io.example.here"] },
    { args: ["p2p", "bootstrap", "nonsense"], code: "address.invalid", says: ["nonsense"] },
    { args: ["p2p", "peer-info", "nobody"], code: "peer.not-found", says: ["nobody"] },
  ])("refuses ggen marketplace $args", async ({ args, code, says }) => {
    const folder = createHome();
    const target = args[0] === "install" || args[0] === "remove" ? ["--target", join(folder, "target")] : [];
    const line = ["marketplace", ...args, ...target];
    // The node's own home changes while it runs; what must not change is the folder that is installed into.
    const before = await treeFiles(folder);
    const { code: status, stdout } = await runFailing(home, [...line, "--json"], { cwd: folder });
    const { error } = JSON.parse(stdout) as { readonly error: Failure };
    expect({ code: error.code, status }).toEqual({ code, status: documentedExits.get(code) });
    for (const part of [error.message, error.expected, error.got, error.hint]) expect(part).toMatch(/./);
    for (const word of says) expect(Object.values(error).join("\n")).toMatch(word);
    expect(await treeFiles(folder)).toEqual(before);
  });

  it("refuses a target that cannot be written, and leaves nothing", async () => {
    const folder = createHome();
    writeFileSync(join(folder, "file"), "");
    const line = ["marketplace", "install", "io.example.here", "--target", join(folder, "file/below"), "--json"];
    const { code, stdout } = await runFailing(home, line);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "storage.failed", message: expect.stringContaining(join(folder, "file")) as unknown },
    });
    expect(code).toBe(documentedExits.get("storage.failed"));
    expect(Object.keys(await treeFiles(folder))).toEqual(["config.toml", "file"]);
  });

  it("says where no peer is that it cannot know, and that no node runs", async () => {
    // Nobody answers here, however long one waits.
    const alone = createHome({
      config: `[network]\nmdns = false\n[p2p]\nquery_timeout_secs = 1\nlisten_addresses = ["/ip4/127.0.0.1/tcp/0"]\n`,
    });
    await startOnce(alone);
    const target = ["--target", join(alone, "target")];
    const install = ["marketplace", "install", "io.example.here", ...target];
    expect(await faultsOf(alone, { args: install, code: "registry.incomplete", says: [/no peer/] })).toEqual([]);
    expect(
      await faultsOf(alone, {
        args: ["marketplace", "info", "io.example.here"],
        code: "registry.incomplete",
        says: [],
      }),
    ).toEqual([]);
    for (const args of [["peer-list"], ["peer-info", "x"], ["bootstrap", "x"], ["stop"]]) {
      const code = "registry.not-running";
      expect(await faultsOf(alone, { args: [...p2p, ...args], code, says: [/ggen marketplace p2p start/] })).toEqual(
        [],
      );
    }
    expect(await faultsOf(alone, { args: [...p2p, "logs"], code: "registry.not-running", says: ["node.log"] })).toEqual(
      [],
    );
  });
});
