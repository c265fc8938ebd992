import { createHome } from "@ggen/testkit";
import { median } from "../measure/median.ts";
import { pollUntil } from "../measure/poll.ts";
import { timeMs } from "../measure/time.ts";
import { quietHome, startBenchNode, stopNodes } from "../nodes/bench-node.ts";
import type { BenchNode } from "../nodes/bench-node.ts";
import type { Row, UnmeasuredRow } from "../report/row.ts";
import type { Scenario } from "../scenario.ts";

const runs = 5;
const multicastTimeoutMs = 10_000;
const discovered = { limit: 3000, better: "lower" } as const;

/** How nodes meet. */
export const connect: Scenario = {
  name: "connect",
  async run() {
    const first = await startBenchNode();
    const running: number[] = [];
    const starting: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const node = await startBenchNode();
      const addresses = first.process.addresses.slice(0, 1);
      running.push(await timeMs(() => node.api.bootstrap({ addresses, timeoutMs: 30_000 })));
      await stopNodes([node]);
      let other: BenchNode | undefined;
      starting.push(
        await timeMs(async () => {
          other = await startBenchNode([first], quietHome());
          await untilConnected(other, first);
        }),
      );
      if (other !== undefined) await stopNodes([other]);
    }
    await stopNodes([first]);
    return [
      {
        figure: "connect",
        condition: "`bootstrap` of a running node",
        value: median(running),
        unit: "ms",
        samples: runs,
      },
      {
        figure: "discovery by bootstrap",
        condition: "process start to first peer",
        value: median(starting),
        unit: "ms",
        samples: runs,
        target: discovered,
      },
      await byMulticast(),
    ];
  },
};

async function byMulticast(): Promise<Row | UnmeasuredRow> {
  const figure = "discovery by mDNS";
  const config = "[network]\nmdns = true\n";
  const first = await startBenchNode([], createHome({ config }));
  const samples: number[] = [];
  try {
    for (let run = 0; run < runs; run += 1) {
      let node: BenchNode | undefined;
      try {
        samples.push(
          await timeMs(async () => {
            node = await startBenchNode([], createHome({ config }));
            await untilConnected(node, first, multicastTimeoutMs);
          }),
        );
      } finally {
        if (node !== undefined) await stopNodes([node]);
      }
    }
    return {
      figure,
      condition: "process start to first peer, no configuration",
      value: median(samples),
      unit: "ms",
      samples: runs,
      target: discovered,
    };
  } catch (error) {
    return {
      figure,
      unmeasured: `no multicast between processes here? ${error instanceof Error ? error.message : String(error)}`,
    };
  } finally {
    await stopNodes([first]);
  }
}

async function untilConnected(node: BenchNode, to: BenchNode, timeoutMs?: number): Promise<void> {
  const isConnected = async (): Promise<boolean> => {
    const peers = await node.api.peers({});
    return peers.some((peer) => peer.connected && peer.peerId === to.process.peerId);
  };
  await pollUntil("connected to the first node", isConnected, timeoutMs === undefined ? {} : { timeoutMs });
}
