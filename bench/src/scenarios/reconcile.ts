import { createReconcileIndex, createReconciler } from "@ggen/p2p-catalog";
import type { MutableReconcileIndex } from "@ggen/p2p-catalog";
import { sha256 } from "@ggen/p2p-types";
import { type Item, negentropySession } from "../limits/negentropy.ts";
import type { Row } from "../report/row.ts";
import type { Scenario } from "../scenario.ts";

const sizes = [100_000, 1_000_000] as const;
const missing = [
  { count: 0, trips: 1 },
  { count: 10, trips: 3 },
  { count: 1000, trips: 3 },
] as const;
const maxResponderCpuMs = 20;
const maxShareOfReference = 1.2;
const begun = 1_700_000_000;
const operationsPerMinute = 2;

/** What one session took. */
interface Session {
  readonly trips: number;
  readonly kilobytes: number;
  readonly responderCpuMs: number;
}

/**
 * The difference of two sets, one of which lacks some operations that are spread evenly over it. Beside our bytes stand
 * those of the reference's algorithm, counted by an implementation of its own.
 */
export const reconcile: Scenario = {
  name: "reconcile",
  run() {
    const rows: Row[] = [];
    for (const size of sizes) {
      const whole = fill(size);
      const lacking = fill(size);
      const items = Array.from({ length: size }, (_, item): Item => ({ time: timeOf(item), id: idOf(item) }));
      for (const { count, trips } of missing) {
        const gone = Array.from({ length: count }, (_, place) => Math.floor(((place + 0.5) * size) / count));
        for (const item of gone) lacking.delete(timeOf(item), idOf(item));
        const session = compare(lacking, whole, count);
        const isGone = new Set(gone);
        const reference = negentropySession(
          items.filter((_, item) => !isGone.has(item)),
          items,
        );
        for (const item of gone) lacking.insert(timeOf(item), idOf(item));
        const figure = `reconciliation, ${count} of ${size} missing`;
        const condition = "evenly spread, no frame limit, in memory";
        rows.push(
          {
            figure: `${figure}: round trips`,
            condition,
            value: session.trips,
            unit: "×",
            samples: 1,
            target: { limit: trips + 1, better: "lower" },
          },
          {
            figure: `${figure}: bytes`,
            condition,
            value: session.kilobytes,
            unit: "KB",
            samples: 1,
            target: { limit: Math.round((maxShareOfReference * reference.bytes) / 10) / 100, better: "lower" },
            rival: { name: "Negentropy's own algorithm", value: reference.bytes / 1000 },
          },
        );
        if (count !== 10) continue;
        rows.push({
          figure: `${figure}: CPU of the responder`,
          condition,
          value: session.responderCpuMs,
          unit: "ms",
          samples: 1,
          target: { limit: maxResponderCpuMs, better: "lower" },
        });
      }
    }
    return Promise.resolve(rows);
  },
};

const idOf = (item: number): Uint8Array => sha256(new TextEncoder().encode(`operation ${item}`));
const timeOf = (item: number): number => begun + Math.floor((item * 60) / operationsPerMinute);

function fill(size: number): MutableReconcileIndex {
  const index = createReconcileIndex();
  for (let item = 0; item < size; item += 1) index.insert(timeOf(item), idOf(item));
  return index;
}

function compare(ours: MutableReconcileIndex, theirs: MutableReconcileIndex, difference: number): Session {
  const initiator = createReconciler(ours);
  const responder = createReconciler(theirs);
  let trips = 0;
  let bytes = 0;
  let cpuMicroseconds = 0;
  let found = 0;
  for (let message: Uint8Array | undefined = initiator.initiate(); message !== undefined; trips += 1) {
    const before = process.threadCpuUsage();
    const answer = responder.respond(message);
    const { user, system } = process.threadCpuUsage(before);
    cpuMicroseconds += user + system;
    bytes += message.byteLength + answer.byteLength;
    const step = initiator.reconcile(answer);
    found += step.need.length + step.have.length;
    message = step.output;
  }
  if (found !== difference) throw new Error(`${found} differences were found, not ${difference}`);
  return { trips, kilobytes: bytes / 1000, responderCpuMs: cpuMicroseconds / 1000 };
}
