import { createHash, type Hash } from "node:crypto";

import type { SeededRandom } from "./random.ts";
import type { Schedule } from "./schedule.ts";

/** How bad a network is. */
export interface NetworkFaults {
  /** Share of the messages that are lost, 0 to 1. */
  readonly lossRate: number;
  /** Share of the messages that come twice, 0 to 1. */
  readonly duplicateRate: number;
  /** A message takes between the first and the second number of milliseconds: a wide span reorders. */
  readonly latencyMs: readonly [number, number];
}

/** A network between simulated nodes. A message is bytes or a value that is not changed after it was sent. */
export interface SimulatedNetwork<Message> {
  /** Puts a node into the network. @param receive - awaited; called for every message that comes through */
  join(name: string, receive: (from: string, message: Message) => unknown): void;
  /** Sends without knowing whether it arrives. */
  send(from: string, to: string, message: Message): void;
  /** Names of nodes that a message of this one could reach now, in the order in which they joined. */
  reachable(from: string): readonly string[];
  /** Splits the network: only nodes with the same part reach each other. @param partOf - the part of a node */
  partition(partOf: (name: string) => string): void;
  heal(): void;
  readonly counts: { readonly sent: number; readonly delivered: number; readonly lost: number };
  /** A hash over everything that was delivered so far, and when: equal runs have equal ones. */
  trace(): string;
}

/** Creates a network without nodes. @param describe - what of a message goes into the trace */
export function createSimulatedNetwork<Message>(
  schedule: Schedule,
  random: SeededRandom,
  faults: NetworkFaults,
  describe: (message: Message) => string | Uint8Array,
): SimulatedNetwork<Message> {
  const nodes = new Map<string, (from: string, message: Message) => unknown>();
  const counts = { sent: 0, delivered: 0, lost: 0 };
  const trace: Hash = createHash("sha256");
  let partOf = (_name: string): string => "";

  const areConnected = (a: string, b: string): boolean => a !== b && partOf(a) === partOf(b);

  const deliver = async (from: string, to: string, message: Message): Promise<void> => {
    const receive = nodes.get(to);
    // A message that was under way when the network split is lost as well.
    if (receive === undefined || !areConnected(from, to)) {
      counts.lost++;
      return;
    }
    counts.delivered++;
    trace.update(`${schedule.nowMs} ${from} ${to} `).update(describe(message));
    await receive(from, message);
  };

  const pass = (from: string, to: string, message: Message): void => {
    const [least, most] = faults.latencyMs;
    schedule.after(least + random.number() * (most - least), () => deliver(from, to, message));
  };

  return {
    counts,
    trace: () => trace.copy().digest("hex"),
    join(name, receive) {
      nodes.set(name, receive);
    },
    reachable: (from) => [...nodes.keys()].filter((name) => areConnected(from, name)),
    partition(newPartOf) {
      partOf = newPartOf;
    },
    heal() {
      partOf = () => "";
    },
    send(from, to, message) {
      counts.sent++;
      if (random.number() < faults.lossRate) {
        counts.lost++;
        return;
      }
      pass(from, to, message);
      if (random.number() < faults.duplicateRate) pass(from, to, message);
    },
  };
}
