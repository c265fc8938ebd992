import { createMarketplaceBehaviour, type MarketplaceBehaviour, type SearchLocal } from "@ggen/p2p-behaviour";
import { createReconciler } from "@ggen/p2p-catalog";
import { type OperationStore, silentLogger, systemClock, systemRandom } from "@ggen/p2p-types";
import { onTestFinished } from "vitest";

/** What a node says that runs the real network code and has nothing. */
export interface HostileAnswers extends Pick<OperationStore, "envelopes" | "idsOf"> {
  readonly search?: SearchLocal | undefined;
  /** Whether it serves the DHT; true when absent. */
  readonly dhtServerMode?: boolean;
}

/** Starts a node of the real network code that answers with whatever it is told; it claims to be full. */
export async function startHostileNode(answers: HostileAnswers): Promise<MarketplaceBehaviour> {
  const { envelopes, idsOf, search, dhtServerMode = true } = answers;
  const operations: OperationStore = {
    has: () => false,
    idsOf,
    envelopes,
    accept: () => Promise.resolve({ accepted: [], known: [], deferred: [], rejected: [] }),
    reconcileIndex: () => ({
      size: 0,
      lowerBound: () => 0,
      at: () => ({ time: 0, id: new Uint8Array(32) }),
      sum: () => new Uint8Array(32),
    }),
    fingerprint: () => "0".repeat(64),
  };
  const nothing = (): Promise<never> => Promise.reject(new Error("not here"));
  const node = await createMarketplaceBehaviour(
    {
      operations,
      contents: {
        stat: () => undefined,
        haveMap: () => undefined,
        readBlock: () => Promise.resolve(undefined),
        async *read() {},
        open: nothing,
        add: nothing,
        pin: nothing,
        unpin: nothing,
        lease: () => () => {},
      },
      privateKeySeed: systemRandom.bytes(32),
      createReconciler,
      searchLocal: search ?? (() => Promise.resolve({ envelopes: [], total: 0 })),
      evidence: { success() {}, failure() {}, lie() {} },
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      datastorePath: undefined,
    },
    { p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"], dhtServerMode }, network: { mdns: false } },
  );
  onTestFinished(() => node.stop());
  await node.start();
  return node;
}
