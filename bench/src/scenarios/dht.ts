import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { median } from "../measure/median.ts";
import type { DhtAnswer, DhtQuestion } from "../nodes/dht-child.ts";
import type { Row } from "../report/row.ts";
import type { Scenario } from "../scenario.ts";

const sizes = [20, 50, 100] as const;
const processes = 5;
const fanOut = 3;
/** Askers that are measured, drawn evenly from all processes. */
const maxAskers = 30;
// Nodes find each other by walks of the DHT after they have started.
const settleMs = 5000;

/** Looking one id up through the DHT of 20, 50 and 100 nodes, in five processes. */
export const dht: Scenario = {
  name: "dht",
  async run() {
    const rows: Row[] = [];
    for (const size of sizes) rows.push(...(await measure(size)));
    return rows;
  },
};

async function measure(size: number): Promise<readonly Row[]> {
  const perProcess = size / processes;
  const children: ChildProcess[] = [];
  try {
    let bootstrap: string | undefined;
    for (let index = 0; index < processes; index += 1) {
      const program = join(import.meta.dirname, "../nodes/dht-child.ts");
      const args = [String(perProcess), ...(bootstrap === undefined ? [] : [bootstrap])];
      const child = fork(program, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      children.push(child);
      const ready = await answerOf(child);
      if (ready.type !== "ready") throw new Error(`expected an address, got ${ready.type}`);
      bootstrap ??= ready.address;
    }
    await delay(settleMs);
    const [publisher, ...others] = children as [ChildProcess, ...ChildProcess[]];
    const id = `io.ggen.bench.dht${size}`;
    const published = await ask(publisher, { type: "publish", id });
    if (published.type !== "published" || !published.provided) throw new Error("the package has no provider record");

    const askers = others
      .flatMap((child) => Array.from({ length: perProcess }, (_, node) => ({ child, node })))
      .toSorted((a, b) => a.node - b.node)
      .slice(0, maxAskers);
    const run = async (chosen?: number): Promise<number[]> => {
      const samples: number[] = [];
      for (const { child, node } of askers) {
        const given = await ask(child, {
          type: "query",
          node,
          id,
          ...(chosen === undefined ? {} : { fanOut: chosen }),
        });
        if (given.type !== "queried" || !given.found) throw new Error("nothing was found");
        samples.push(given.ms);
      }
      return samples;
    };
    const row = (figure: string, condition: string, samples: readonly number[], limit: number): Row => ({
      figure,
      condition: `${condition}, ${size} nodes in ${processes} processes`,
      value: median(samples),
      unit: "ms",
      samples: samples.length,
      target: { limit, better: "lower" },
    });
    return [
      row(`DHT query, cold, ${size} nodes`, "first query of a node", await run(), 500),
      row(`DHT query, parallel, ${size} nodes`, `fan-out ${fanOut}`, await run(fanOut), 200),
    ];
  } finally {
    await Promise.all(children.map(stopChild));
  }
}

async function ask(child: ChildProcess, question: DhtQuestion): Promise<DhtAnswer> {
  const answer = answerOf(child);
  child.send(question);
  return answer;
}

async function answerOf(child: ChildProcess): Promise<DhtAnswer> {
  const ended = once(child, "exit").then(() => Promise.reject(new Error("a process of the DHT ended")));
  const [answer] = (await Promise.race([once(child, "message"), ended])) as [DhtAnswer];
  ended.catch(() => {});
  return answer;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.disconnect();
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(late);
}
