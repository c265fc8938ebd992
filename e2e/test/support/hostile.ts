import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { createHome, homeEnvironment } from "@ggen/testkit";
import { afterAll, vi } from "vitest";

type Event = Readonly<Record<string, unknown>>;

/** A hostile process: the real network code, or a libp2p node of its own, with something wrong in it. */
export interface HostilePeer {
  /** What it printed so far, one JSON object a line. */
  readonly events: readonly Event[];
  /** Resolves with the first event of a name, also one that was printed before. */
  event(name: string): Promise<Event>;
  /** Sends it a line. */
  tell(line: string): void;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * Starts a program of `hostile/`; killed after the test file.
 * @param script - its file name
 */
export function startHostile(script: string, args: readonly string[]): HostilePeer {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../../hostile", script), ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    // A home of its own: removed with the others after the test file.
    env: homeEnvironment(createHome()),
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const events: Event[] = [];
  let complaints = "";
  createInterface({ input: child.stdout }).on("line", (line) => events.push(JSON.parse(line) as Event));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  return {
    events,
    event: (name) =>
      vi.waitUntil(
        () => {
          const found = events.find((event) => event["event"] === name);
          if (found === undefined && child.exitCode !== null) throw new Error(`${script} ended:\n${complaints}`);
          return found;
        },
        { timeout: 30_000, interval: 20 },
      ),
    tell: (line) => void child.stdin.write(`${line}\n`),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
