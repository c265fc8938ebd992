import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import type { TransferAnswer, TransferCommand } from "./messages.ts";

/** A contestant's process, seen from the parent. */
export interface TransferProcess {
  /** Who it is, for others that fetch the same; empty for rivals. */
  readonly self: string;
  provide(file: string): Promise<string>;
  connect(tickets: readonly string[]): Promise<void>;
  fetch(tickets: readonly string[]): Promise<{ readonly ms: number; readonly cpuMs: number; readonly bytes: number }>;
  /** Processor milliseconds so far. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a contestant.
 * @param script - absolute path
 * @param cpus - as of `taskset --cpu-list`; any when absent
 */
export async function startTransfer(
  script: string,
  args: readonly string[],
  options: { readonly cpus?: string; readonly nodeArgs?: readonly string[] } = {},
): Promise<TransferProcess> {
  const node = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    ...(options.nodeArgs ?? []),
    script,
    ...args,
  ];
  const [command = "", ...rest] = options.cpus === undefined ? node : ["taskset", "--cpu-list", options.cpus, ...node];
  const child = spawn(command, rest, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ready = await next(child);
  const ask = async <Type extends TransferAnswer["type"]>(
    command: TransferCommand,
    type: Type,
  ): Promise<Extract<TransferAnswer, { type: Type }>> => {
    child.send(command);
    const answer = await next(child);
    if (answer.type === "failed") throw new Error(`${script}: ${answer.message}`);
    if (answer.type !== type) throw new Error(`${script} answered ${answer.type} instead of ${type}`);
    return answer as Extract<TransferAnswer, { type: Type }>;
  };
  return {
    self: ready.type === "ready" ? ready.self : "",
    connect: async (tickets) => void (await ask({ do: "connect", tickets }, "connected")),
    provide: async (file) => (await ask({ do: "provide", file }, "provided")).ticket,
    fetch: async (tickets) => ask({ do: "fetch", tickets }, "fetched"),
    cpuMs: async () => (await ask({ do: "cpu" }, "cpu")).ms,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await exit;
      clearTimeout(timer);
    },
  };
}

async function next(child: ChildProcess): Promise<TransferAnswer> {
  const ended = new AbortController();
  try {
    const [answer] = (await Promise.race([
      once(child, "message", { signal: ended.signal }),
      once(child, "exit", { signal: ended.signal }).then(() => {
        throw new Error("a contestant ended before it answered");
      }),
    ])) as [TransferAnswer];
    return answer;
  } finally {
    ended.abort();
  }
}
