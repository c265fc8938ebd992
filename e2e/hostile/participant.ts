import { join } from "node:path";

import { createMarketplaceBehaviour, type MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { type Catalog, createReconciler, openCatalog } from "@ggen/p2p-catalog";
import {
  type ContentStore,
  GgenError,
  type OperationStore,
  silentLogger,
  systemClock,
  systemRandom,
} from "@ggen/p2p-types";

/** Prints one event for the test that started this process. */
export function say(event: string, facts: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
}

/** A catalogue like everybody's, in the folder that the test gave this process. */
export function openOwnCatalog(): Catalog {
  return openCatalog({ path: join(process.env["GGEN_HOME"] ?? "", "catalog.db"), clock: systemClock });
}

/** A content store that holds nothing. */
export const noContents: ContentStore = {
  stat: () => undefined,
  haveMap: () => undefined,
  readBlock: () => Promise.resolve(undefined),
  read() {
    throw new GgenError("content.missing", "not here");
  },
  open: () => Promise.reject(new GgenError("content.missing", "not here")),
  add: () => Promise.reject(new GgenError("content.missing", "not here")),
  pin: () => Promise.resolve(),
  unpin: () => Promise.resolve(),
  lease: () => () => {},
};

/** Starts a node of the real network code over stores that may lie. */
export async function participate(parts: {
  readonly operations: OperationStore;
  readonly contents: ContentStore;
}): Promise<MarketplaceBehaviour> {
  const behaviour = await createMarketplaceBehaviour(
    {
      ...parts,
      privateKeySeed: systemRandom.bytes(32),
      createReconciler,
      searchLocal: () => Promise.resolve({ envelopes: [], total: 0 }),
      evidence: { success() {}, failure() {}, lie() {} },
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      datastorePath: undefined,
    },
    { p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"] }, network: { mdns: false } },
  );
  await behaviour.start();
  return behaviour;
}
