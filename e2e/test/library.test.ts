import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { createHome, homeEnvironment, type NodeProcess, processesOf, startNode } from "@ggen/testkit";
import { describe, expect, it, onTestFinished } from "vitest";

import { answer } from "./support/node-api.ts";
import { examplePackages, writePackage } from "./support/packages.ts";
import { commandPath, runScript } from "./support/shell.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** The fenced blocks of one language, in order. */
async function blocksOf(file: string, language: string): Promise<string[]> {
  const text = await readFile(file, "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map(([, block]) => block ?? "");
}

/** The environment of a program of somebody with an empty home, and this Node on the path. */
function environment(home: string): Record<string, string> {
  return homeEnvironment(home, {
    PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    GGEN_P2P_LISTEN: "/ip4/127.0.0.1/tcp/0",
  });
}

/** A node that has published what the READMEs search and install. */
async function startNodeWithExamples(home: string): Promise<NodeProcess> {
  const node = await startNode({ home });
  for (const folder of ["cli-ontology", "cli-shapes", "rust-errors", "rust-cli", "rust-cli-subcommand"]) {
    await answer(home, ["marketplace", "publish", join(examplePackages, folder)]);
  }
  return node;
}

describe("the README of examples/p2p-marketplace", () => {
  /** A terminal in which one command was typed. */
  interface Terminal {
    readonly screen: () => string;
    readonly ended: Promise<number>;
    pressCtrlC(): Promise<number>;
  }

  function type(command: string, home: string): Terminal {
    const child: ChildProcess = spawn("bash", ["--noprofile", "--norc", "-c", command], {
      cwd: join(root, "examples/p2p-marketplace"),
      env: environment(home),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let shown = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (shown += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (shown += text));
    const ended = once(child, "close").then(([code]) => (code as number | null) ?? -1);
    const signal = (name: "SIGINT" | "SIGKILL"): void => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, name);
    };
    onTestFinished(() => signal("SIGKILL"));
    return {
      screen: () => shown,
      ended,
      pressCtrlC() {
        signal("SIGINT");
        return ended;
      },
    };
  }

  it("is what three nodes by hand do, line by line", async () => {
    const home = createHome();
    const blocks = await blocksOf(join(root, "examples/p2p-marketplace/README.md"), "sh");
    const addresses: Record<string, string> = {};
    // The homes are this test's own, and a person puts in the addresses that the nodes print. The rest is as written.
    const written = (block: string): string =>
      block.replaceAll("/tmp/ggen-", `${home}/node-`).replace(/ADDRESS_[AB]/g, (name) => addresses[name] ?? name);
    const stay = async (block: string | undefined, name: string): Promise<Terminal> => {
      const terminal = type(written(block ?? ""), home);
      const ended = terminal.ended.then(() => "ended");
      const said = async (): Promise<string> =>
        terminal.screen().includes("Listening on ") ? "listens" : Promise.race([ended, Promise.resolve("works")]);
      await expect.poll(said, { timeout: 20_000 }).not.toBe("works");
      expect(terminal.screen()).toMatch(/^Listening on \S+$/m);
      const [, address] = /^Listening on (\S+)$/m.exec(terminal.screen()) ?? [];
      addresses[name] = address ?? "";
      return terminal;
    };
    const finish = async (block: string | undefined): Promise<string> => {
      const terminal = type(written(block ?? ""), home);
      expect([await terminal.ended, terminal.screen()]).toEqual([0, expect.anything()]);
      return terminal.screen();
    };

    expect(blocks).toHaveLength(8);
    const [publish, second, search, install, compare, third, fourth, startOver] = blocks;
    const a = await stay(publish, "ADDRESS_A");
    expect(a.screen()).toMatch(/^Published io\.ggen\.ontology\.cli@1\.1\.0 sha256:[0-9a-f]{64}$/m);
    expect(a.screen()).toMatch(/recovery words of your new publisher: (\w+ ){23}\w+$/m);
    const b = await stay(second, "ADDRESS_B");
    await expect.poll(b.screen, { timeout: 20_000 }).toContain("News by sync: release io.ggen.ontology.cli@1.1.0");
    expect(await finish(search)).toContain("io.ggen.ontology.cli@1.1.0");
    expect(await finish(install)).toContain("Installed io.ggen.ontology.cli@1.1.0 in ");
    expect(await finish(compare)).toBe("");
    expect(await a.pressCtrlC()).toBe(0);
    const c = await stay(third, "C");
    const newcomer = await finish(fourth);
    expect(newcomer).toContain("Installed io.ggen.ontology.cli@1.1.0 in ");
    expect(await b.pressCtrlC()).toBe(0);
    expect(await c.pressCtrlC()).toBe(0);
    expect(await finish(startOver)).toBe("");
  });

  it("says what is wrong with a command line, a folder and an id", async () => {
    const home = createHome();
    const program = `node src/main.ts --home ${home}/node`;
    for (const [command, code, words] of [
      ["node src/main.ts start", 2, "node src/main.ts --home DIR"],
      [`${program} fly`, 2, "node src/main.ts --home DIR"],
      [`${program} publish ${home}/user`, 1, "[manifest.missing]"],
      [`${program} install io.example.nothing`, 1, "[registry.incomplete]"],
    ] as const) {
      const terminal = type(command, home);
      expect([await terminal.ended, terminal.screen()]).toEqual([code, expect.stringContaining(words)]);
      expect(terminal.screen()).not.toMatch(/^\s+at /m);
    }
  });
});

describe("the TypeScript of a package's README runs as it stands:", () => {
  // Each in a folder in which its imports resolve as they do for users: its own, or that of a package above it.
  it.each([
    { name: "packages/types", prints: [/^ggen1\w+$/m, /^genesis$/m, /^record\.bad-signature /m] },
    { name: "packages/config", prints: [/ 8081 \{ source: 'flag'/, /^100$/m, /^max_size_mb = 200$/m] },
    { name: "packages/reputation", prints: [/^0\.\d+ /, /12D3KooW/] },
    { name: "packages/cache", prints: [/^3145728\n512\n0$/] },
    { name: "packages/behaviour", inFolder: "packages/registry", prints: [/^true$/] },
    { name: "apps/server", prints: [/packages: \[\], total: 0/] },
    { name: "packages/control", withNode: true, prints: [/^io\.ggen\.rust\.cli$/m, /io\.ggen\.rust\.cli-subcommand$/] },
  ])("$name", async ({ name, inFolder = name, withNode = false, prints }) => {
    const home = createHome({ config: "[network]\nmdns = false\n\n[install]\ncooldown_hours = 0\n" });
    if (withNode) await startNodeWithExamples(home);
    const [example = "", ...others] = await blocksOf(join(root, name, "README.md"), "ts");
    expect(others).toEqual([]);
    const folder = join(root, inFolder, ".tmp");
    const file = join(folder, `readme-${process.pid}.ts`);
    await mkdir(folder, { recursive: true });
    onTestFinished(() => rm(file, { force: true }));
    await writeFile(file, example);
    const { stdout } = await run(process.execPath, [file], {
      cwd: join(home, "user"),
      env: { ...environment(home), TMPDIR: join(home, "user") },
      timeout: 60_000,
    });
    for (const line of prints) expect(stdout.trim()).toMatch(line);
  });
});

it("the example of the CLI's README runs as it stands", async () => {
  const publisher = await startNodeWithExamples(createHome());
  const config = `[network]\nmdns = false\n\n[p2p]\nbootstrap_nodes = ${JSON.stringify(publisher.addresses)}\n`;
  const home = createHome({ config });
  const user = join(home, "user");
  writePackage(join(user, "my-package"), "io.example.my-package");
  const [, example = ""] = await blocksOf(join(root, "apps/cli/README.md"), "sh");
  const env = { ...environment(home), PATH: commandPath(user) };
  const { code, output } = await runScript(`set -e\n${example}`, env, { cwd: user });
  expect([code, output]).toEqual([0, expect.stringContaining("io.ggen.rust.cli-subcommand")]);
  expect(output).toMatch(/published io\.example\.my-package@1\.0\.0/i);
  expect(processesOf(home)).toEqual([]);
});
