import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, it, onTestFinished } from "vitest";

import { isProcessRunning } from "../../src/daemon/process-state.ts";
import { createFolder, entry, ggen, json, type Outcome, readAll, startGgen } from "../support/ggen.ts";

const local = ["--listen", "/ip4/127.0.0.1/tcp/0"];
const env = { GGEN_LOG: "info" };

/** Waits for the line that a node in the foreground prints when it listens. */
async function listening(child: ChildProcess): Promise<Record<string, unknown>> {
  const [line] = (await once(createInterface({ input: child.stdout ?? process.stdin }), "line")) as [string];
  return JSON.parse(line) as Record<string, unknown>;
}

async function startDaemon(
  home: string,
  flags: readonly string[] = [],
): Promise<Record<string, unknown> & { pid: number }> {
  const outcome = await ggen(home, ["p2p", "start", "--daemon", "--json", ...local, ...flags], { env });
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  const said = json(outcome) as Record<string, unknown> & { pid: number };
  onTestFinished(() => {
    if (isProcessRunning(said.pid)) process.kill(said.pid, "SIGKILL");
  });
  return said;
}

async function quietNetwork(home: string): Promise<void> {
  await writeFile(join(home, "config.toml"), "[network]\nmdns = false\n");
}

async function createPackage(folder: string, version = "1.0.0"): Promise<string> {
  const path = join(folder, "my-package");
  await mkdir(path, { recursive: true });
  await writeFile(
    join(path, "gpack.toml"),
    `[gpack]\nid = "io.example.my-package"\nname = "My Package"\nversion = "${version}"\ndescription = "Example package"\nlicense = "MIT"\nggen_compat = ">=2.4.0"\n`,
  );
  return path;
}

describe("a daemon", () => {
  it("is started, asked, and stopped; nothing of it stays", async () => {
    const home = await createFolder();
    await quietNetwork(home);
    const said = await startDaemon(home);
    expect(said).toMatchObject({ schema: 1, event: "listening", home, logFile: join(home, "logs/node.log") });
    expect(said["addresses"]).toEqual([expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3Koo/)]);
    const status = await ggen(home, ["p2p", "status", "--json"]);
    expect(json(status)).toMatchObject({ schema: 1, running: true, pid: said.pid, peerId: said["peerId"] });
    expect(json(status)["listen_addresses"]).toEqual(said["addresses"]);
    expect((await ggen(home, ["p2p", "logs"])).stdout).toContain("listening");
    expect((await stat(join(home, "logs/node.log"))).mode & 0o777).toBe(0o600);
    expect(await ggen(home, ["p2p", "stop"])).toMatchObject({ status: 0 });
    expect(isProcessRunning(said.pid)).toBe(false);
    expect(await readdir(join(home, "run"))).toEqual([]);
    expect((await ggen(home, ["p2p", "stop"])).status).toBe(3);
  });

  it("refuses a second start on its home, in both forms, naming its process", async () => {
    const home = await createFolder();
    await quietNetwork(home);
    const { pid } = await startDaemon(home);
    for (const form of [[], ["--daemon"]]) {
      const outcome = await ggen(home, ["p2p", "start", "--json", ...local, ...form]);
      expect(outcome.status).toBe(3);
      expect(json(outcome)).toMatchObject({ error: { code: "registry.already-running", data: { pid } } });
    }
    expect(isProcessRunning(pid)).toBe(true);
  });

  it("starts again at once after kill -9", async () => {
    const home = await createFolder();
    await quietNetwork(home);
    const first = await startDaemon(home);
    process.kill(first.pid, "SIGKILL");
    await expect.poll(() => isProcessRunning(first.pid)).toBe(false);
    expect((await ggen(home, ["p2p", "status"])).status).toBe(3);
    const second = await startDaemon(home);
    expect(second["peerId"]).toBe(first["peerId"]);
    expect(second.pid).not.toBe(first.pid);
    await ggen(home, ["p2p", "stop"]);
  });

  it("survives its terminal", async () => {
    const home = await createFolder();
    await quietNetwork(home);
    // `script` gives the command a terminal of its own and hangs it up at its end.
    const command = [process.execPath, entry, "p2p", "start", "--daemon", ...local].join(" ");
    const terminal = spawn("/usr/bin/script", ["-qec", command, "/dev/null"], {
      env: { PATH: process.env["PATH"], HOME: home, GGEN_HOME: home },
      stdio: ["ignore", "ignore", "inherit"],
    });
    await once(terminal, "exit");
    const status = json(await ggen(home, ["p2p", "status", "--json"]));
    const pid = status["pid"] as number;
    process.kill(pid, "SIGHUP");
    expect(json(await ggen(home, ["p2p", "status", "--json"]))).toMatchObject({ running: true, pid });
    await ggen(home, ["p2p", "stop"]);
    expect(isProcessRunning(pid)).toBe(false);
  });

  it("that cannot start says why, in one error, with its exit status", async () => {
    const home = await createFolder();
    await quietNetwork(home);
    const outcome = await ggen(home, ["p2p", "start", "--daemon", "--json", "--listen", "/ip4/192.0.2.1/tcp/4001"]);
    expect(outcome.status).toBe(6);
    expect(json(outcome)).toMatchObject({ error: { code: "network.listen-failed" } });
    expect((await ggen(home, ["p2p", "status"])).status).toBe(3);
  });

  it("serves the gateway in its own process, and frees the port", async () => {
    const home = await createFolder();
    await quietNetwork(home);
    const said = await startDaemon(home, ["--http", "127.0.0.1:0"]);
    const gateway = String(said["gateway"]);
    const answer = (await (await fetch(gateway, { headers: { accept: "application/json" } })).json()) as object;
    expect(answer).toMatchObject({ version: "2.4.0", peer_id: said["peerId"] });
    const taken = await ggen(await createFolder(), [
      "p2p",
      "start",
      "--json",
      ...local,
      "--http",
      new URL(gateway).port,
    ]);
    expect(json(taken)).toMatchObject({ error: { code: "http.port-taken" } });
    await ggen(home, ["p2p", "stop"]);
    await expect(fetch(gateway)).rejects.toThrow("fetch failed");
  });
});

describe("a node in the foreground", () => {
  it("goes on when the folder that it was started in is removed", async () => {
    const home = await createFolder();
    const cwd = await createFolder();
    await quietNetwork(home);
    const child = startGgen(home, ["p2p", "start", "--json", ...local], { env, cwd });
    await listening(child);
    await rm(cwd, { recursive: true });
    expect(await ggen(home, ["marketplace", "search", "x"])).toMatchObject({ status: 0, stderr: "" });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("stops cleanly also when nobody reads its log any more", async () => {
    const home = await createFolder();
    await quietNetwork(home);
    const child = startGgen(home, ["p2p", "start", "--json", ...local], { env });
    await listening(child);
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await readdir(join(home, "run"))).toEqual([]);
    expect((await readdir(home)).filter((name) => name.endsWith("-wal"))).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("stops cleanly on %s", async (signal) => {
    const home = await createFolder();
    await quietNetwork(home);
    const child = startGgen(home, ["p2p", "start", "--json", ...local], { env });
    const said = await listening(child);
    expect(said).toMatchObject({ schema: 1, event: "listening", pid: child.pid });
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await readdir(join(home, "run"))).toEqual([]);
  });
});

describe("without a daemon", () => {
  it("a command waits for another that uses the home", async () => {
    const home = await createFolder();
    await quietNetwork(home);
    const path = await createPackage(home);
    const other = new DatabaseSync(join(home, "lock.db"));
    other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    const child = startGgen(home, ["marketplace", "publish", path, "--json"]);
    const [note] = (await once(createInterface({ input: child.stderr ?? process.stdin }), "line")) as [string];
    expect(note).toBe(`note: ${home} is in use by another process; waiting for it`);
    other.close();
    const [stdout, [status]] = await Promise.all([readAll(child.stdout), once(child, "close")]);
    expect(Number(status)).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 1, created: true, mode: "short-lived" });
  });

  it("publish stores and queues, search finds it in the replica, install takes it from the store", async () => {
    const home = await createFolder();
    await quietNetwork(home);
    const path = await createPackage(home);
    const published = await ggen(home, ["marketplace", "p2p", "publish", path, "--json"]);
    expect(json(published)).toMatchObject({
      schema: 1,
      id: "io.example.my-package",
      created: true,
      announced: false,
      recoveryWords: expect.any(String) as string,
      mode: "short-lived",
    });
    const again = json(await ggen(home, ["marketplace", "publish", path, "--json"]));
    expect(again).toMatchObject({ created: false });
    expect(again).not.toHaveProperty("recoveryWords");

    const found: Outcome = await ggen(home, ["p2p", "search", "my-package"]);
    expect(found.stdout).toContain("io.example.my-package");
    expect(found.stderr).toContain("note: the node is not running");

    const target = join(home, "installed");
    const installed = await ggen(home, [
      "marketplace",
      "install",
      "io.example.my-package",
      "--target",
      target,
      "--json",
    ]);
    expect(json(installed)).toMatchObject({ packages: [{ id: "io.example.my-package", source: "store" }] });
    expect(await readFile(join(target, "io.example.my-package/gpack.toml"), "utf8")).toBe(
      await readFile(join(path, "gpack.toml"), "utf8"),
    );
    const listed = json(await ggen(home, ["marketplace", "list", "--target", target, "--json"]));
    expect(listed).toMatchObject({ packages: [{ id: "io.example.my-package", version: "1.0.0" }] });
  });
});
