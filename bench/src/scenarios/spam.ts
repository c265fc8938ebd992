import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Catalog, openCatalog } from "@ggen/p2p-catalog";
import { systemClock } from "@ggen/p2p-types";
import { statSync } from "node:fs";
import { verifyOnlyMs } from "../limits/verify.ts";
import { freshPublishers } from "../nodes/fresh-publishers.ts";
import type { Scenario } from "../scenario.ts";

const bytesPerMb = 1_000_000;
const capMb = 32;
const floodPublishers = 33_334;
const honestPublishers = 500;
const perBatch = 512;

/** A flood of 100,000 valid operations by fresh keys, into a catalogue that has room for a fraction of them. */
export const spam: Scenario = {
  name: "spam",
  onRequest: true,
  async run() {
    const folder = await mkdtemp(join(tmpdir(), "ggen-bench-"));
    const path = join(folder, "catalog.db");
    const catalog = openCatalog({ path, clock: systemClock, maxBytes: capMb * bytesPerMb });
    let peak = 0;
    const give = async (envelopes: readonly Uint8Array[], peer: string): Promise<number> => {
      const since = performance.now();
      for (let from = 0; from < envelopes.length; from += perBatch) {
        await catalog.accept(envelopes.slice(from, from + perBatch), { via: "sync", peer });
        peak = Math.max(peak, statSync(path).size);
      }
      return performance.now() - since;
    };
    try {
      await give(freshPublishers("early", honestPublishers), "honest");
      const flood = freshPublishers("flood", floodPublishers);
      const half = flood.length / 2 - ((flood.length / 2) % 3);
      // From two peers, so that the second finds the catalogue full of what the first one brought.
      let tookMs = await give(flood.slice(0, half), "flooder");
      await give(freshPublishers("late", honestPublishers), "other");
      tookMs += await give(flood.slice(half), "second flooder");
      const verifyMs = await verifyOnlyMs(flood);
      const condition = `${flood.length} valid operations of fresh keys from two peers, cap of ${capMb} MB, ${honestPublishers} honest packages before and ${honestPublishers} meanwhile from other peers`;
      const found = async (name: string): Promise<number> => (100 * (await countOf(catalog, name))) / honestPublishers;
      return [
        {
          figure: "spam, honest packages found, from before",
          condition,
          value: await found("early"),
          unit: "%",
          samples: 1,
          target: { limit: 99.9, better: "higher" },
        },
        {
          figure: "spam, honest packages found, from meanwhile",
          condition,
          value: await found("late"),
          unit: "%",
          samples: 1,
          target: { limit: 99.9, better: "higher" },
        },
        {
          figure: "spam, largest size of the database",
          condition,
          value: peak / bytesPerMb,
          unit: "MB",
          samples: 1,
          target: { limit: capMb, better: "lower" },
        },
        {
          figure: "spam, time to get through it",
          condition,
          value: tookMs,
          unit: "ms",
          samples: 1,
          rival: { name: "checking the signatures alone, all cores", value: verifyMs },
        },
      ];
    } finally {
      await catalog.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Packages of a publisher's name that a search finds. */
async function countOf(catalog: Catalog, name: string): Promise<number> {
  const ids = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await catalog.search({ text: name, limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    for (const result of page.results) ids.add(result.package.id);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return [...ids].filter((id) => id.startsWith(`io.example.${name}-`)).length;
}
