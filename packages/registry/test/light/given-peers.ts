import { join } from "node:path";

import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { type Catalog, openCatalog, publisherOf } from "@ggen/p2p-catalog";
import { type Clock, type SignedOperation, systemClock } from "@ggen/p2p-types";
import { onTestFinished } from "vitest";

import { temporaryFolder } from "../harness.ts";

type OperationsOf = MarketplaceBehaviour["operationsOf"];

/** An empty catalogue of its own, closed with the test. */
export async function emptyCatalog(clock: Clock = systemClock): Promise<Catalog> {
  const catalog = openCatalog({ path: join(await temporaryFolder(), "catalog.db"), clock });
  onTestFinished(() => catalog.close());
  return catalog;
}

/** Peers that give what is listed here of each, page by page as a full node does; nothing crosses a network. */
export function givenPeers(lists: ReadonlyMap<string, readonly SignedOperation[]>): {
  readonly asked: { readonly peerId: string; readonly of: string; readonly offset: number }[];
  readonly operationsOf: OperationsOf;
} {
  const asked: { peerId: string; of: string; offset: number }[] = [];
  return {
    asked,
    operationsOf: async (peerId, selector, { limit = 512, offset = 0, signal } = {}) => {
      asked.push({ peerId, of: "package" in selector ? selector.package : selector.publisher, offset });
      signal?.throwIfAborted();
      const list = lists.get(peerId);
      if (list === undefined) throw new Error("nobody there");
      const wanted = list.filter((signed) =>
        "package" in selector
          ? "id" in signed.operation && signed.operation.id.toLowerCase() === selector.package.toLowerCase()
          : publisherOf(signed) === selector.publisher,
      );
      return wanted.slice(offset, offset + limit).map(({ envelope }) => Uint8Array.from(envelope));
    },
  };
}

/** An envelope whose signature is another. */
export function forge(envelope: Uint8Array): Uint8Array {
  return Uint8Array.from(envelope, (byte, at) => (at === envelope.length - 1 ? byte ^ 1 : byte));
}
