import { join } from "node:path";

import { median } from "../measure/median.ts";
import { withScratch } from "../nodes/sample-package.ts";
import type { Scenario } from "../scenario.ts";
import { startTransfer, type TransferProcess } from "../transfer/child-process.ts";
import { ggenChild, writeRandomFile } from "../transfer/files.ts";

const bytes = 100_000_000;
const runs = 7;
const providers = 3;

/** Whether three providers are as fast as one, on a machine that one keeps busy. */
export const swarm: Scenario = {
  name: "swarm",
  run: () =>
    withScratch(async (scratch) => {
      const nodes: TransferProcess[] = [];
      const rates = { one: [] as number[], all: [] as number[] };
      try {
        for (let index = 0; index <= providers; index += 1) {
          nodes.push(await startTransfer(ggenChild, [join(scratch, `node-${index}`)]));
        }
        const [asker, ...holders] = nodes;
        if (asker === undefined) throw new Error("no asker");
        const fetch = async (name: string, from: readonly TransferProcess[]): Promise<number> => {
          const file = await writeRandomFile(scratch, name, bytes);
          const tickets: string[] = [];
          for (const holder of from) tickets.push(await holder.provide(file));
          const { ms } = await asker.fetch(tickets);
          return bytes / 1e6 / (ms / 1000);
        };
        // The first of each is not counted.
        for (let run = -1; run < runs; run += 1) {
          const one = await fetch(`one-${run}`, holders.slice(0, 1));
          const all = await fetch(`all-${run}`, holders);
          if (run < 0) continue;
          rates.one.push(one);
          rates.all.push(all);
        }
      } finally {
        await Promise.all(nodes.map((node) => node.stop()));
      }
      const one = median(rates.one);
      return [
        {
          figure: "fetch 100 MB from three providers",
          condition: "a process each, loopback",
          value: median(rates.all),
          unit: "MB/s",
          samples: runs,
          target: { limit: 0.95 * one, better: "higher" },
          rival: { name: "one provider", value: one },
        },
      ];
    }),
};
