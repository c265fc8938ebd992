import { createHome } from "@ggen/testkit";
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { median } from "../measure/median.ts";
import type { ChildMessage } from "../nodes/gossip-child.ts";
import type { Scenario } from "../scenario.ts";

const nodes = 8;
const runs = 15;
// A mesh forms over a few heartbeats.
const settleMs = 4000;

/** From the publisher's own catalogue to the last of the others, each in a process of its own. */
export const gossip: Scenario = {
  name: "gossip",
  async run() {
    const children: ChildProcess[] = [];
    try {
      let bootstrap: string | undefined;
      for (let index = 0; index < nodes; index += 1) {
        const child = startChild(bootstrap);
        children.push(child);
        const address = await nextAddress(child);
        bootstrap ??= address;
      }
      await delay(settleMs);
      const samples: number[] = [];
      for (let run = 0; run < runs; run += 1) samples.push(await spread(children, run));
      return [
        {
          figure: "gossip",
          condition: `own catalogue to the last of ${nodes - 1} others, mesh of 6, a process each`,
          value: median(samples),
          unit: "ms",
          samples: runs,
          target: { limit: 200, better: "lower" },
        },
      ];
    } finally {
      await Promise.all(children.map(stopChild));
    }
  },
};

function startChild(bootstrap: string | undefined): ChildProcess {
  const program = join(import.meta.dirname, "../nodes/gossip-child.ts");
  return fork(program, [createHome(), ...(bootstrap === undefined ? [] : [bootstrap])], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

async function nextAddress(child: ChildProcess): Promise<string> {
  const [message] = (await once(child, "message")) as [ChildMessage];
  if (message.type !== "listening") throw new Error(`expected an address, got ${message.type}`);
  return message.address;
}

/** Publishes on one node and waits until all have it. Returns the milliseconds between the first and the last. */
async function spread(children: readonly ChildProcess[], run: number): Promise<number> {
  const id = `io.ggen.bench.gossip${run}`;
  const times: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let published = false;
  const listen = (message: ChildMessage): void => {
    if (message.type === "update" && message.id === id) times.push(message.atMs);
    if (message.type === "published") published = true;
    if (published && times.length === children.length) resolve();
  };
  for (const child of children) child.on("message", listen);
  children[run % children.length]?.send(id);
  await promise;
  for (const child of children) child.off("message", listen);
  return Math.max(...times) - Math.min(...times);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, "exit");
  child.disconnect();
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(late);
}
