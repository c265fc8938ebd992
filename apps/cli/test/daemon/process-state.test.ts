import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, it, onTestFinished } from "vitest";

import { isProcessRunning, waitForExit } from "../../src/daemon/process-state.ts";
import { createManualClock } from "../support/clock.ts";

const never = new AbortController().signal;

describe("isProcessRunning", () => {
  it("knows this process, and one that ended", async () => {
    const child = spawn(process.execPath, ["-e", "0"]);
    const { pid } = child;
    await once(child, "exit");
    expect(isProcessRunning(process.pid)).toBe(true);
    expect(isProcessRunning(pid ?? 0)).toBe(false);
  });

  it("takes one that ended and was not waited for as gone", async () => {
    // The shell starts a child, becomes a program that never waits for it, and so keeps it as a zombie.
    const script = "sleep 0.3 & echo $!; exec sleep 60";
    const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void parent.kill("SIGKILL"));
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(String(line).trim());
    await expect.poll(() => isProcessRunning(pid)).toBe(false);
    expect(() => process.kill(pid, 0)).not.toThrow();
  });
});

describe("waitForExit", () => {
  it("says how to end a process that stays", async () => {
    const clock = createManualClock();
    const impatient = { ...clock, sleep: () => Promise.resolve(clock.advance(1000)) };
    await expect(waitForExit(process.pid, 5000, impatient, never)).rejects.toMatchObject({
      code: "control.unreachable",
      data: { pid: process.pid },
      hint: expect.stringContaining(`kill -9 ${process.pid}`) as string,
    });
  });
});
