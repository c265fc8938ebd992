import type { ReconcileIndex } from "@ggen/p2p-types";

/** What a peer is shown of one operation in a comparison. */
export interface ShownItem {
  readonly time: number;
  readonly id: Uint8Array;
}

/** The items of an index, in its order. */
export function itemsOf(index: ReconcileIndex): ShownItem[] {
  return Array.from({ length: index.size }, (_, rank) => index.at(rank));
}

/** An index over exactly these items: what a peer that lies about its catalogue compares with. @param items - in order */
export function indexOf(items: readonly ShownItem[]): ReconcileIndex {
  return {
    size: items.length,
    lowerBound: (time, prefix) =>
      items.filter((item) => item.time < time || (item.time === time && Buffer.compare(item.id, prefix) < 0)).length,
    at(rank) {
      const item = items[rank];
      if (item === undefined) throw new RangeError(`no item ${rank}`);
      return item;
    },
    sum: (from, to) => sumOf(items.slice(from, to)),
  };
}

function sumOf(items: readonly ShownItem[]): Uint8Array {
  const total = items.reduce((sum, { id }) => sum + BigInt(`0x${Buffer.from(id).reverse().toString("hex")}`), 0n);
  return new Uint8Array(Buffer.from((total % 2n ** 256n).toString(16).padStart(64, "0"), "hex").reverse());
}
