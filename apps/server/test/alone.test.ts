import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { createHome, homeEnvironment } from "@ggen/testkit";
import { afterEach, describe, expect, it } from "vitest";

const entry = join(import.meta.dirname, "../bin/run.js");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function run(home: string, args: readonly string[]): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const child = spawn(process.execPath, [entry, ...args], {
    env: homeEnvironment(home, { GGEN_P2P_LISTEN: "/ip4/127.0.0.1/tcp/0" }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return child as ReturnType<typeof run>;
}

async function finished(child: ChildProcess): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    child.stderr === null ? "" : text(child.stderr),
    once(child, "exit"),
  ]);
  return { code: code as number, stdout, stderr };
}

/** The first output of a server; whatever it complained of when it ended instead. */
async function firstLine(child: ReturnType<typeof run>): Promise<string> {
  const ended = finished(child).then(({ code, stderr }) => Promise.reject(new Error(`status ${code}: ${stderr}`)));
  ended.catch(() => {});
  const [line] = (await Promise.race([once(child.stdout, "data"), ended])) as [Buffer];
  return line.toString();
}

describe("ggen-server", { timeout: 30_000 }, () => {
  it("serves a node of its own, and ends cleanly when told", async () => {
    const home = createHome();
    const child = run(home, ["--port", "0"]);
    const line = await firstLine(child);
    const [, peerId = "", url = ""] = /^ggen gateway of (\S+) on (http:\S+)\n$/.exec(line) ?? [];
    expect(await (await fetch(url)).json()).toMatchObject({ name: "ggen", peer_id: peerId });
    expect(await (await fetch(`${url}/packages`)).json()).toEqual({ packages: [], total: 0, next: null });
    expect((await fetch(`${url}/packages/none/download`)).status).toBeGreaterThanOrEqual(404);
    expect(existsSync(join(home, "identity.key"))).toBe(true);
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("says its version and how it is used", async () => {
    expect(await finished(run(createHome(), ["--version"]))).toMatchObject({ code: 0, stdout: "ggen-server 2.4.0\n" });
    expect((await finished(run(createHome(), ["--help"]))).stdout).toContain("--port PORT");
  });

  it.each([[["--port", "70000"]], [["--port", "http"]], [["--prot", "1"]], [["extra"]]])(
    "refuses %j with exit status 2",
    async (args) => {
      const { code, stdout, stderr } = await finished(run(createHome(), args));
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^Error: .+ \[usage\.invalid\]\n {2}→ .+\n$/);
    },
  );

  it("names the key of the configuration that is wrong", async () => {
    const home = createHome();
    writeFileSync(join(home, "config.toml"), "[http]\nprot = 1\n");
    const { code, stderr } = await finished(run(home, []));
    expect(code).toBe(2);
    expect(stderr).toMatch(/http\.prot[^]*\[config\.invalid\]/);
  });
});
