import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { median } from "../measure/median.ts";
import { timeMs } from "../measure/time.ts";
import { spawnTimeMs } from "../measure/spawn-time.ts";
import { residentMegabytes } from "../measure/resident.ts";
import { quietHome, startBenchNode, stopNodes } from "../nodes/bench-node.ts";
import type { BenchNode } from "../nodes/bench-node.ts";
import type { Scenario } from "../scenario.ts";

const runs = 7;
const idleMs = 5000;

/** From a process to a node that listens and answers, and what it holds when it is idle. */
export const nodeStart: Scenario = {
  name: "node-start",
  async run() {
    const fresh: number[] = [];
    const again: number[] = [];
    const bare: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const home = quietHome();
      for (const samples of [fresh, again]) {
        let node: BenchNode | undefined;
        samples.push(
          await timeMs(async () => {
            node = await startBenchNode([], home);
          }),
        );
        if (node !== undefined) await stopNodes([node]);
      }
      bare.push(await spawnTimeMs(process.execPath, ["-e", "0"]));
    }
    const rival = { name: "node -e 0", value: median(bare) };
    const node = await startBenchNode();
    await delay(idleMs);
    const resident = residentMegabytes(node.process.pid);
    await stopNodes([node]);
    const bareMemory = { name: "bare node", value: await bareResident() };
    const target = { limit: 5000, better: "lower" } as const;
    return [
      {
        figure: "node start, new home",
        condition: "process to listening",
        value: median(fresh),
        unit: "ms",
        samples: runs,
        target,
        rival,
      },
      {
        figure: "node start, known home",
        condition: "process to listening",
        value: median(again),
        unit: "ms",
        samples: runs,
        target,
        rival,
      },
      {
        figure: "idle memory",
        condition: `RSS ${idleMs / 1000} s after the start, no peers`,
        value: resident,
        unit: "MB",
        samples: 1,
        rival: bareMemory,
      },
    ];
  },
};

/** What a node process holds that does nothing. */
async function bareResident(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9); process.stdout.write('up')"]);
  try {
    await once(child.stdout, "data");
    return residentMegabytes(child.pid ?? -1);
  } finally {
    child.kill("SIGKILL");
  }
}
