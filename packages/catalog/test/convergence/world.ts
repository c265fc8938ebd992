import type { OperationStore, SignedOperation } from "@ggen/p2p-types";
import {
  createSchedule,
  createSeededRandom,
  createSimulatedNetwork,
  type NetworkFaults,
  type SimulatedClock,
} from "@ggen/testkit";
import * as fc from "fast-check";

import { type Catalog, derivePublisher, openCatalog } from "../../src/index.ts";
import { publisherWithKey, start, type TestPublisher } from "../publisher-fixture.ts";
import { historyOf, shuffled } from "../rules/history.ts";
import { describeMessage, type Message, type SimNode, startSimNode } from "./sim-node.ts";

/** What happens to a network of catalogues. */
export interface Scenario {
  readonly seed: string;
  readonly nodes: number;
  readonly faults: NetworkFaults;
  /** Until when operations are published, in milliseconds. */
  readonly publishMs: number;
  /** The network is split into two halves from the first to the second time. */
  readonly splitMs?: readonly [number, number];
  /** The last node joins at this time. */
  readonly lateMs?: number;
  /** How far the clock of each node is ahead. */
  readonly skewMs?: (node: number) => number;
  readonly reconciles?: boolean;
  /** When it is given up, in milliseconds. Default: after a day. */
  readonly lastMs?: number;
  /** Puts something between the network and a catalogue. */
  readonly wrap?: (catalog: Catalog) => OperationStore;
}

/** How a scenario ended. */
export interface Outcome {
  readonly equal: boolean;
  /** Of the reconciled set of every node. */
  readonly fingerprints: readonly string[];
  /** Statuses of all releases of every node, as text. */
  readonly verdicts: readonly string[];
  readonly operations: readonly number[];
  /** What the whole set of admitted operations must be. */
  readonly expected: { readonly operations: number; readonly verdict: string };
  readonly trace: string;
  readonly endedMs: number;
}

const dayMs = 24 * 3_600_000;
export const faultless: NetworkFaults = { lossRate: 0, duplicateRate: 0, latencyMs: [20, 20] };

/** Runs a scenario until every node holds the same, or a day has passed. */
export async function runScenario(scenario: Scenario): Promise<Outcome> {
  const {
    seed,
    nodes: count,
    faults,
    publishMs,
    splitMs,
    lateMs = 0,
    skewMs = () => 0,
    lastMs = dayMs,
    wrap,
  } = scenario;
  const random = createSeededRandom(seed);
  const schedule = createSchedule(start * 1000);
  const network = createSimulatedNetwork<Message>(
    schedule,
    createSeededRandom(`${seed} network`),
    faults,
    describeMessage,
  );
  const catalogs: Catalog[] = [];
  const nodes: SimNode[] = [];
  const join = (place: number): void => {
    const clock: SimulatedClock = schedule.clock(skewMs(place));
    const catalog = openCatalog({ path: ":memory:", clock });
    const operations = wrap?.(catalog) ?? catalog;
    catalogs.push(catalog);
    const { reconciles = true } = scenario;
    nodes.push(startSimNode({ name: `n${place}`, operations, schedule, network, random, reconciles }));
  };
  for (let place = 0; place < count - (lateMs > 0 ? 1 : 0); place++) join(place);
  if (lateMs > 0) schedule.after(lateMs, () => join(count - 1));
  if (splitMs !== undefined) {
    schedule.after(splitMs[0], () => network.partition((name) => (Number(name.slice(1)) % 2 === 0 ? "even" : "odd")));
    schedule.after(splitMs[1], () => network.heal());
  }

  const publishers = [0, 1].flatMap((n) =>
    fc.sample(historyOf(`${seed} ${n}`), { seed: random.below(2 ** 31), numRuns: 1 }),
  );
  const operations = shuffled(
    publishers.flatMap((publisher) => publisher.operations),
    Array.from({ length: 1000 }, () => random.below(1000)),
  );
  let unpublished = 0;
  const publish = (atMs: number, envelope: Uint8Array, place?: number, tries = 30): void => {
    unpublished++;
    schedule.after(atMs, async () => {
      unpublished--;
      const isStored = await (nodes[place ?? random.below(nodes.length)] ?? random.pick(nodes)).publish(envelope);
      // An author whose clock is behind tries again, as one whose records are older than the clock says.
      if (!isStored && tries > 0) publish(10 * 60_000, envelope, place, tries - 1);
    });
  };
  // Operations of one publisher come out anywhere, in any order: somebody signed them with copies of its keys.
  for (const { envelope } of operations) publish(random.number() * publishMs, envelope);
  const { genuine, rivals, publisher: twoFaced } = equivocator(seed);
  const during = splitMs ?? [0, publishMs];
  for (const { envelope } of genuine) publish(0, envelope);
  for (const [place, { envelope }] of rivals.entries()) {
    publish(during[0] + random.number() * (during[1] - during[0]), envelope, place);
  }
  publishers.push(twoFaced);

  const whole = publishers.map(({ operations: all, publisher }) => derivePublisher(all, publisher));
  const admitted = whole.flatMap((state) => [...state.admitted]).length;
  const settledMs = Math.max(publishMs, lateMs, splitMs?.[1] ?? 0);
  const expected = whole.map(({ releases }) => verdictOf(releases)).join("\n");
  const verdicts = (): readonly string[] =>
    catalogs.map((catalog) =>
      publishers.map(({ publisher }) => verdictOf(catalog.publisherState(publisher)?.releases)).join("\n"),
    );
  const isEqual = (): boolean =>
    unpublished === 0 &&
    schedule.nowMs >= settledMs &&
    nodes.every((node) => node.operations.reconcileIndex().size === admitted) &&
    new Set(nodes.map((node) => node.operations.fingerprint())).size === 1 &&
    verdicts().every((verdict) => verdict === expected);
  try {
    const equal = await schedule.run(lastMs, isEqual);
    return {
      equal,
      fingerprints: nodes.map((node) => node.operations.fingerprint()),
      operations: nodes.map((node) => node.operations.reconcileIndex().size),
      verdicts: verdicts(),
      expected: { operations: admitted, verdict: expected },
      trace: network.trace(),
      endedMs: schedule.nowMs,
    };
  } finally {
    for (const catalog of catalogs) await catalog.close();
  }
}

/** A publisher of whose versions two have two contents: by a fork of one key, and by two keys. */
function equivocator(seed: string): {
  readonly publisher: TestPublisher;
  readonly genuine: readonly SignedOperation[];
  /** Those at even places come out in one half of the network, the others in the other. */
  readonly rivals: readonly SignedOperation[];
} {
  const publisher = publisherWithKey(`${seed} equivocator`);
  publisher.grant("ci");
  publisher.grant("phone");
  const genuine = [...publisher.operations, publisher.release("laptop", { version: "1.0.0" })];
  const head = publisher.heads.get("laptop") ?? null;
  const rivals = [
    publisher.release("laptop", { version: "2.0.0", content: "one" }, head),
    publisher.release("laptop", { version: "2.0.0", content: "other" }, head),
    publisher.release("ci", { version: "3.0.0", content: "one" }),
    publisher.release("phone", { version: "3.0.0", content: "other" }),
  ];
  return { publisher, genuine, rivals };
}

function verdictOf(
  releases: readonly { readonly operation: SignedOperation; readonly status: string; readonly yank?: string }[] = [],
): string {
  return releases.map(({ operation, status, yank }) => `${operation.id} ${status} ${yank ?? ""}`).join("\n");
}
