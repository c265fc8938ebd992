import { verifyOnlyMs } from "../limits/verify.ts";
import { median } from "../measure/median.ts";
import { pollUntil } from "../measure/poll.ts";
import { timeMs } from "../measure/time.ts";
import type { BenchNode } from "../nodes/bench-node.ts";
import { quietHome, startBenchNode, stopNodes } from "../nodes/bench-node.ts";
import { fillHome, largeCatalogue } from "../nodes/large-catalogue.ts";
import type { Scenario } from "../scenario.ts";

const operations = 100_000;
const runs = 3;
const promisedShare = 60;

/** A node without a catalogue takes over a large one; next to it, what checking the signatures alone takes. */
export const takeover: Scenario = {
  name: "takeover",
  async run() {
    const envelopes = largeCatalogue({ operations });
    const home = quietHome();
    const fingerprint = await fillHome(home, envelopes);
    const provider = await startBenchNode([], home);
    const takeovers: number[] = [];
    const verifications: number[] = [];
    const searchable: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      verifications.push(await verifyOnlyMs(envelopes));
      let found: number | undefined;
      let joined: BenchNode | undefined;
      const since = performance.now();
      const durationMs = await timeMs(async () => {
        const node = await startBenchNode([provider]);
        joined = node;
        const ask = async (): Promise<boolean> => {
          if (found === undefined) {
            const { total } = await node.api.search({ text: "invoice", limit: 1 });
            if (total > 0) found = performance.now() - since;
          }
          return (await node.api.status()).catalogFingerprint === fingerprint;
        };
        await pollUntil("the whole catalogue", ask, { timeoutMs: 600_000, intervalMs: 100 });
      });
      takeovers.push(durationMs);
      searchable.push(found ?? durationMs);
      if (joined !== undefined) await stopNodes([joined]);
    }
    await stopNodes([provider]);
    const [takeoverMs, verifyMs] = [median(takeovers), median(verifications)];
    const shares = takeovers.map((durationMs, run) => (100 * (verifications[run] ?? verifyMs)) / durationMs);
    const condition = `${envelopes.length} operations, start of the process to the same catalogue by hash, provider on the same cores`;
    return [
      {
        figure: "takeover",
        condition,
        value: takeoverMs,
        unit: "ms",
        samples: runs,
        rival: { name: "checking the signatures alone, all cores", value: verifyMs },
      },
      {
        figure: "takeover, share of the rate of verification",
        condition,
        value: median(shares),
        unit: "%",
        samples: runs,
        target: { limit: promisedShare, better: "higher" },
      },
      {
        figure: "takeover, until something is found",
        condition,
        value: median(searchable),
        unit: "ms",
        samples: runs,
      },
    ];
  },
};
