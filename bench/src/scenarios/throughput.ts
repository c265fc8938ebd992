import { transportLimit } from "../limits/transport.ts";
import type { Row } from "../report/row.ts";
import { withScratch } from "../nodes/sample-package.ts";
import type { Scenario } from "../scenario.ts";
import { type Contestant, holdContest } from "../transfer/contest.ts";
import { ggenChild } from "../transfer/files.ts";
import { installRivals, transferRivals } from "../transfer/rivals.ts";

const bytes = 100_000_000;
const rounds = 5;
const placements = [
  { label: "two cores", cpus: "0,1" },
  { label: "one core", cpus: "0" },
] as const;
const overStream = "over the libp2p stream";

/** 100 MB from the disk of one process to verified and durable on another's, next to everybody else who does that. */
export const throughput: Scenario = {
  name: "throughput",
  run: () =>
    withScratch(async (scratch) => {
      await installRivals();
      const contestants: readonly Contestant[] = [
        { name: "ggen", script: ggenChild },
        { name: overStream, script: ggenChild, args: [JSON.stringify({ directTransfer: false })] },
        ...transferRivals,
      ];
      const rows: Row[] = [];
      for (const { label, cpus } of placements) {
        const results = await holdContest(scratch, contestants, { rounds, bytes, cpus });
        const own = results.get("ggen");
        const stream = results.get(overStream);
        if (own === undefined || stream === undefined) throw new Error("ggen did not take part");
        const cpu = (cpuSeconds: number): string => `${cpuSeconds.toFixed(2)} CPU s per 100 MB`;
        const base = { value: own.megabytesPerSecond, unit: "MB/s", samples: rounds } as const;
        const condition = `${label}, ${cpu(own.cpuSeconds)}`;
        for (const { name, factor } of transferRivals) {
          const rival = results.get(name);
          if (rival === undefined) continue;
          rows.push({
            ...base,
            figure: "fetch 100 MB",
            condition: `${condition}; ${name} ${cpu(rival.cpuSeconds)}`,
            target: { limit: factor * rival.megabytesPerSecond, better: "higher" },
            rival: { name, value: rival.megabytesPerSecond },
          });
        }
        rows.push({
          ...base,
          figure: "fetch 100 MB, no direct connection",
          condition: `${label}, ${cpu(stream.cpuSeconds)}`,
          value: stream.megabytesPerSecond,
          rival: { name: "with one", value: own.megabytesPerSecond },
        });
        if (cpus === "0,1") {
          const limit = await transportLimit("tls");
          rows.push({ ...base, figure: "fetch 100 MB", condition, rival: { name: "raw TLS", value: limit } });
        }
      }
      return rows;
    }),
};
