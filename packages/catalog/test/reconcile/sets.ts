import { sha256 } from "@ggen/p2p-types";

import { createReconcileIndex, type MutableReconcileIndex, type Reconciler } from "../../src/index.ts";

/** A 32-byte id that is the same for the same number. */
export function idOf(seed: number): Uint8Array {
  return sha256(new TextEncoder().encode(`id ${seed}`));
}

/** An index of some numbers; those with the same remainder share a second. */
export function indexOf(
  seeds: Iterable<number>,
  timeOf: (seed: number) => number = (seed) => seed % 50,
): MutableReconcileIndex {
  const index = createReconcileIndex();
  for (const seed of seeds) index.insert(timeOf(seed), idOf(seed));
  return index;
}

/** Ids as sorted hexadecimal. */
export function hexList(ids: Iterable<Uint8Array>): string[] {
  return Array.from(ids, (id) => Buffer.from(id).toString("hex")).toSorted();
}

/** Runs a session to its end. */
export function runSession(
  initiator: Reconciler,
  responder: Reconciler,
): { have: string[]; need: string[]; rounds: number; sizes: number[] } {
  const have: Uint8Array[] = [];
  const need: Uint8Array[] = [];
  const sizes: number[] = [];
  let rounds = 0;
  for (let message: Uint8Array | undefined = initiator.initiate(); message !== undefined; rounds++) {
    const response = responder.respond(message);
    sizes.push(message.byteLength, response.byteLength);
    const result = initiator.reconcile(response);
    have.push(...result.have);
    need.push(...result.need);
    message = result.output;
  }
  return { have: hexList(have), need: hexList(need), rounds, sizes };
}
