import { type Clock, type PublisherId, type SignedOperation, silentLogger, systemClock } from "@ggen/p2p-types";

import { LightCatalogue } from "../../src/light/light-catalogue.ts";
import { createComparisons } from "../../src/peers/comparisons.ts";
import { createEvidenceBook } from "../../src/peers/evidence-book.ts";
import { emptyCatalog, givenPeers } from "./given-peers.ts";

type Init = ConstructorParameters<typeof LightCatalogue>[0];

/** A light node with an empty catalogue, among full nodes that give what is listed of each. */
export async function lightNode(
  lists: ReadonlyMap<string, readonly SignedOperation[]>,
  own: readonly PublisherId[] = [],
) {
  let nowMs = 0;
  const clock: Clock = {
    ...systemClock,
    monotonic: () => nowMs,
    // Nobody is waited for in vain here.
    sleep: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      }),
  };
  const { asked, operationsOf } = givenPeers(lists);
  const [catalog, comparisons, evidence] = [
    await emptyCatalog(),
    createComparisons(clock),
    createEvidenceBook(clock, undefined),
  ];
  const listeners = new Set<() => void>();
  const network = {
    fullPeers: () => [...lists.keys()],
    addressGroup: (peerId: string) => peerId,
    operationsOf,
    onPeer: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  } as unknown as NonNullable<ReturnType<Init["network"]>>;
  let running = true;
  const random = { bytes: () => new Uint8Array(8), number: () => 0.5 };
  const node = new LightCatalogue({
    catalog,
    clock,
    comparisons,
    evidence,
    logger: silentLogger,
    network: () => (running ? network : undefined),
    random,
    keystore: { publishers: () => Promise.resolve([...own]) },
  });
  return {
    node,
    catalog,
    comparisons,
    evidence,
    asked,
    network,
    operationsOf,
    pass: (ms: number) => void (nowMs += ms),
    stop: () => void (running = false),
    met: () => {
      for (const listener of listeners) listener();
    },
  };
}
