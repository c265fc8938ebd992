import { join } from "node:path";
import { createInterface } from "node:readline";

import { createMarketplaceBehaviour, type MarketplaceBehaviour, type OnCopyAsked } from "@ggen/p2p-behaviour";
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

/** Reads the lines that the test sends: each call waits for one of this text and lets the others go by. */
export function listenToTest(): (line: string) => Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  return async (line) => {
    for (let next = await lines.next(); next.value !== line; next = await lines.next()) {
      if (next.done === true) throw new Error(`The test ended before it said ${line}`);
    }
  };
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

/**
 * Starts a node of the real network code over stores that may lie.
 * @param parts - `host`: the 127.x.y.z address that it listens on
 */
export async function participate({
  host = "127.0.0.1",
  ...parts
}: {
  readonly operations: OperationStore;
  readonly contents: ContentStore;
  readonly onCopyAsked?: OnCopyAsked;
  readonly host?: string;
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
    { p2p: { listenAddresses: [`/ip4/${host}/tcp/0`] }, network: { mdns: false } },
  );
  await behaviour.start();
  return behaviour;
}
