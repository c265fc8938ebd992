import { join } from "node:path";

import { timeMs } from "../measure/time.ts";
import { withScratch } from "../nodes/sample-package.ts";
import type { Scenario } from "../scenario.ts";
import { startTransfer, type TransferProcess } from "../transfer/child-process.ts";
import { ggenChild, writeRandomFile } from "../transfer/files.ts";

const bytes = 64 * 1024 * 1024;
const capKbps = 10_000;
const downloaders = 8;

/** One provider with a slow uplink, and many who want the same at once: they have to give it to each other. */
export const uplink: Scenario = {
  name: "uplink",
  run: () =>
    withScratch(async (scratch) => {
      const nodes: TransferProcess[] = [];
      try {
        const settings = JSON.stringify({ uploadKbps: capKbps });
        const provider = await startTransfer(ggenChild, [join(scratch, "provider"), settings]);
        nodes.push(provider);
        const askers: TransferProcess[] = [];
        for (let index = 0; index < downloaders; index += 1) {
          askers.push(await startTransfer(ggenChild, [join(scratch, `asker-${index}`)]));
        }
        nodes.push(...askers);
        const single = await fetchAll(scratch, provider, askers.slice(0, 1), "one");
        const together = await fetchAll(scratch, provider, askers, "all");
        return [
          {
            figure: "eight downloads over an uplink of 10 MB/s",
            condition: "64 MiB each, all at once, a process each; all of them together",
            value: together,
            unit: "MB/s",
            samples: 1,
            target: { limit: (4 * capKbps) / 1000, better: "higher" },
            rival: { name: "the cap", value: capKbps / 1000 },
          },
          {
            figure: "one download over an uplink of 10 MB/s",
            condition: "64 MiB; the cap holds within a tenth",
            value: single,
            unit: "MB/s",
            samples: 1,
            target: { limit: (1.1 * capKbps) / 1000, better: "lower" },
            rival: { name: "the cap", value: capKbps / 1000 },
          },
        ];
      } finally {
        await Promise.all(nodes.map((node) => node.stop()));
      }
    }),
};

/** @returns MB/s of all together */
async function fetchAll(
  scratch: string,
  provider: TransferProcess,
  askers: readonly TransferProcess[],
  name: string,
): Promise<number> {
  const ticket = await provider.provide(await writeRandomFile(scratch, name, bytes));
  const ticketsOf = (asker: TransferProcess): string[] => [
    ticket,
    ...askers.filter((other) => other !== asker).map(({ self }) => self),
  ];
  for (const asker of askers) await asker.connect(ticketsOf(asker));
  const durationMs = await timeMs(() => Promise.all(askers.map((asker) => asker.fetch(ticketsOf(asker)))));
  return (askers.length * bytes) / 1e6 / (durationMs / 1000);
}
