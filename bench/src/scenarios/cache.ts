import { openContentCache } from "@ggen/p2p-cache";
import type { ContentCache } from "@ggen/p2p-cache";
import { systemClock, systemRandom } from "@ggen/p2p-types";
import type { ContentAddress } from "@ggen/p2p-types";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createZipf } from "../measure/zipf.ts";
import { withScratch } from "../nodes/sample-package.ts";
import type { Scenario } from "../scenario.ts";

const contents = 1000;
const bytesEach = 8000;
const accesses = 5000;
const share = 0.5;
const seed = 20_261_121;

/** How often the content store has what is asked for, when a few packages are asked for most of the time. */
export const cache: Scenario = {
  name: "cache",
  run: () =>
    withScratch(async (scratch) => {
      const store = await openContentCache({
        directory: join(scratch, "store"),
        maxBytes: contents * bytesEach * share,
        maxPackageBytes: 1_000_000,
        clock: systemClock,
        random: systemRandom,
      });
      try {
        const bytes = Array.from({ length: contents }, () => randomBytes(bytesEach));
        const addresses = new Map<number, ContentAddress>();
        const next = createZipf(contents, seed);
        // Until the store is full there is nothing to choose.
        for (let count = 0; count < accesses / 2; count += 1) await access(store, addresses, bytes, next());
        let hits = 0;
        for (let count = 0; count < accesses; count += 1) {
          if (await access(store, addresses, bytes, next())) hits += 1;
        }
        return [
          {
            figure: "cache hit rate",
            condition: `Zipf (s = 1) over ${contents} contents, store holds ${share * 100} % of them`,
            value: (hits / accesses) * 100,
            unit: "%",
            samples: accesses,
            target: { limit: 80, better: "higher" },
          },
        ];
      } finally {
        await store.close();
      }
    }),
};

/** Asks for a content as an install does, and stores it when it is not there. Returns whether it was. */
async function access(
  store: ContentCache,
  addresses: Map<number, ContentAddress>,
  bytes: readonly Uint8Array[],
  index: number,
): Promise<boolean> {
  const address = addresses.get(index);
  if (address !== undefined) {
    const writer = await store.open(address);
    writer.close();
    if (writer.complete) return true;
  }
  async function* source(): AsyncGenerator<Uint8Array> {
    yield bytes[index] ?? new Uint8Array();
  }
  addresses.set(index, await store.add(source()));
  return false;
}
