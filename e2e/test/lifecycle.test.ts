import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, homeEnvironment, processesOf, type RunResult, spawnGgen, startNode } from "@ggen/testkit";
import { describe, expect, it, onTestFinished } from "vitest";

import { isListening, portOf } from "./support/ports.ts";
import { commandPath, openTerminal, type Terminal } from "./support/shell.ts";

// The only thing that is not as shipped: nodes listen on loopback, and homes have mDNS off, so that tests stay apart.
const local = ["--listen", "/ip4/127.0.0.1/tcp/0"];
const patient = { timeout: 20_000 };

interface Started {
  readonly pid: number;
  readonly peerId: string;
  readonly addresses: readonly string[];
  readonly gateway?: string;
  readonly logFile: string;
}

async function startDaemon(home: string, args: readonly string[] = local): Promise<Started> {
  const result = await ggen(home, ["marketplace", "p2p", "start", "--daemon", "--json", ...args]);
  expect(result).toMatchObject({ code: 0 });
  return result.json() as Started;
}

const p2p = (home: string, ...args: readonly string[]): Promise<RunResult> =>
  ggen(home, ["marketplace", "p2p", ...args]);

function openWindow(home: string): Terminal {
  const window = openTerminal({ ...homeEnvironment(home), PATH: commandPath(home) }, { cwd: home });
  onTestFinished(() => window.close());
  return window;
}

/** Which session and terminal a process belongs to; see proc(5). */
function sessionOf(pid: number): { readonly session: number; readonly terminal: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { session: Number(fields[3]), terminal: Number(fields[4]) };
}

async function expectNothingLeft(home: string, addresses: readonly string[]): Promise<void> {
  expect(processesOf(home)).toEqual([]);
  for (const address of addresses)
    expect({ address, open: await isListening(portOf(address)) }).toHaveProperty("open", false);
  expect(existsSync(join(home, "run", "control.sock"))).toBe(false);
}

describe("a node in the foreground", () => {
  it("ends with Ctrl-C in its terminal, and leaves no process, port or socket", async () => {
    const home = createHome();
    const window = openWindow(home);
    window.type(`ggen marketplace p2p start ${local.join(" ")} --http 0\n`);
    await expect.poll(window.screen, patient).toContain("Ctrl-C stops the node.");
    const address = /\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3\w+/.exec(window.screen())?.[0] ?? "";
    const gateway = /http:\/\/127\.0\.0\.1:\d+/.exec(window.screen())?.[0] ?? "";
    expect(await isListening(portOf(address))).toBe(true);
    expect(await isListening(portOf(gateway))).toBe(true);
    expect(existsSync(join(home, "run", "control.sock"))).toBe(true);
    window.type("\x03");
    window.type('echo "status=$?"; exit\n');
    await expect.poll(window.screen, patient).toMatch(/status=\d+/);
    expect(window.screen()).toContain("status=0");
    await expect.poll(() => processesOf(home), patient).toEqual([]);
    await expectNothingLeft(home, [address, gateway]);
  });

  it("ends with SIGTERM in the same way", async () => {
    const home = createHome();
    const child = spawnGgen(home, ["marketplace", "p2p", "start", ...local]);
    let said = "";
    child.stdout?.on("data", (text: Buffer) => (said += text.toString()));
    await expect.poll(() => said, patient).toContain("Ctrl-C stops the node.");
    const address = /\/ip4\/\S+/.exec(said)?.[0] ?? "";
    const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    await expectNothingLeft(home, [address]);
  });

  it("refuses a second node on its home, in both forms, and goes on", async () => {
    const home = createHome();
    const node = await startNode({ home });
    for (const form of [[], ["--daemon"]]) {
      const second = await p2p(home, "start", ...local, ...form);
      expect(second.code).toBe(3);
      expect(second.stdout).toBe("");
      expect(second.stderr).toContain(`process ${node.pid}`);
      expect(second.stderr).toContain("[registry.already-running]");
    }
    expect((await p2p(home, "status")).code).toBe(0);
    expect(await node.stop()).toBe(0);
  });
});

describe("a daemon", () => {
  it("is announced when it listens, outlives its terminal, is asked, and stopped", async () => {
    const home = createHome();
    expect((await p2p(home, "status")).code).toBe(3);
    const window = openWindow(home);
    window.type(`ggen marketplace p2p start ${local.join(" ")} --daemon; echo "status=$?"\n`);
    await expect.poll(window.screen, patient).toMatch(/status=\d+/);
    const screen = window.screen();
    expect(screen).toContain("status=0");
    const address = /\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/(12D3\w+)/.exec(screen);
    expect(screen).toContain(`peer id:   ${address?.[1]}`);
    expect(screen).toContain(join(home, "logs/node.log"));
    expect(await isListening(portOf(address?.[0] ?? ""))).toBe(true);

    const { pid } = (await p2p(home, "status", "--json")).json() as { pid: number };
    expect(sessionOf(pid)).toEqual({ session: pid, terminal: 0 });
    await window.close();
    await expect.poll(() => processesOf(home), patient).toEqual([pid]);
    process.kill(pid, "SIGHUP");
    const status = await p2p(home, "status");
    expect(status.code).toBe(0);
    expect(status.stdout).toContain(address?.[0]);

    const stopped = await p2p(home, "stop");
    expect(stopped).toMatchObject({ code: 0 });
    await expectNothingLeft(home, [address?.[0] ?? ""]);
    expect((await p2p(home, "status")).code).toBe(3);
    expect((await p2p(home, "stop")).code).toBe(3);
  });

  it("keeps a log that can be shown and followed", async () => {
    const home = createHome();
    const { addresses, logFile } = await startDaemon(home);
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
    expect((await p2p(home, "logs")).stdout).toContain(addresses[0]);

    const follower = spawnGgen(home, ["marketplace", "p2p", "logs", "--follow"]);
    let seen = "";
    follower.stdout?.on("data", (text: Buffer) => (seen += text.toString()));
    await expect.poll(() => seen, patient).toContain(addresses[0]);
    expect(seen).not.toContain("stopped");
    await p2p(home, "stop");
    await expect.poll(() => seen, patient).toContain("stopped");
    const exited = new Promise<number | null>((resolve) => follower.once("exit", resolve));
    follower.kill("SIGINT");
    expect(await exited).toBe(0);
    expect((await p2p(home, "logs", "--lines", "1")).stdout).toMatch(/^\S+ info +ggen stopped\n$/);
  });

  it("leaves a lock and a socket when it is killed; the next start recovers them", async () => {
    const home = createHome();
    const first = await startDaemon(home);
    process.kill(first.pid, "SIGKILL");
    await expect.poll(() => processesOf(home), patient).toEqual([]);
    expect(existsSync(join(home, "run", "control.sock"))).toBe(true);
    expect((await p2p(home, "status")).code).toBe(3);
    const second = await startDaemon(home);
    expect(second.peerId).toBe(first.peerId);
    expect((await p2p(home, "status")).code).toBe(0);
    await p2p(home, "stop");
  });

  it("keeps its identity, private to its user, and its port over restarts with the shipped addresses", async () => {
    const home = createHome();
    const first = await startDaemon(home, []);
    expect(statSync(join(home, "identity.key")).mode & 0o777).toBe(0o600);
    await p2p(home, "stop");
    const second = await startDaemon(home, []);
    expect(second.peerId).toBe(first.peerId);
    expect(second.addresses).toEqual(first.addresses);
    await p2p(home, "stop");
    await expectNothingLeft(home, second.addresses);
  });

  it.each([
    ["with spaces and quotes", 'a folder with spaces/and it\'s "quoted"'],
    ["whose socket path would be over 107 bytes", join("deep".repeat(20), "deeper".repeat(20))],
  ])("lives in a home %s", async (_, name) => {
    const home = createHome({ name });
    const { pid } = await startDaemon(home);
    expect((await p2p(home, "status", "--json")).json()).toMatchObject({ running: true, pid, home });
    expect((await p2p(home, "logs")).stdout).toContain("listening");
    expect((await p2p(home, "stop")).code).toBe(0);
    expect(processesOf(home)).toEqual([]);
    expect(readdirSync(home)).toContain("identity.key");
  });
});
