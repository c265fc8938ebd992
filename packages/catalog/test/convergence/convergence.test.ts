import { fromHex, openEnvelope, type OperationStore, type ReleaseOperation } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { type Catalog, createReconcileIndex } from "../../src/index.ts";
import { faultless, runScenario, type Scenario } from "./world.ts";

const minuteMs = 60_000;
const lossy = { lossRate: 0.3, duplicateRate: 0.1, latencyMs: [5, 4000] } as const;
const base = { nodes: 5, faults: faultless, publishMs: 20 * minuteMs } as const;

/** Seeds of each kind; `GGEN_SIM_SEEDS` asks for more, `GGEN_SIM_SEED` names the one of a failure that is repeated. */
const { GGEN_SIM_SEED: named, GGEN_SIM_SEEDS: count = "4" } = process.env;
const seedsOf = (kind: string): readonly string[] =>
  named === undefined ? Array.from({ length: Number(count) }, (_, n) => `${kind}-${n}`) : [named];

/** How a scenario ends, with what there is to say when it does not end as it should. */
async function ended(scenario: Scenario): Promise<{ readonly equal: boolean; readonly why: string }> {
  const { equal, operations, expected, fingerprints } = await runScenario(scenario);
  const sets = `${operations.join()} of ${expected.operations} operations, ${new Set(fingerprints).size} fingerprints`;
  return { equal, why: equal ? "" : `${sets}; repeat with GGEN_SIM_SEED=${scenario.seed}` };
}
const well = { equal: true, why: "" };

describe("all admitted sets are equal in the end, by hash, and every node says the same of every release", () => {
  it.each(seedsOf("split"))("a partition that heals: %s", async (seed) => {
    expect(await ended({ ...base, seed, splitMs: [2 * minuteMs, 25 * minuteMs] })).toEqual(well);
  });

  it.each(seedsOf("late"))("a late joiner: %s", async (seed) => {
    expect(await ended({ ...base, seed, lateMs: 40 * minuteMs })).toEqual(well);
  });

  it.each(seedsOf("loss"))("30 % of the messages lost, others doubled and reordered: %s", async (seed) => {
    expect(await ended({ ...base, seed, faults: lossy })).toEqual(well);
  });

  it.each(seedsOf("clocks"))("clocks that are an hour ahead and hours behind: %s", async (seed) => {
    expect(
      await ended({ ...base, seed, skewMs: (node) => ([0, 1, -3, 0.1, -0.1][node] ?? 0) * 60 * minuteMs }),
    ).toEqual(well);
  });

  it.each(seedsOf("all"))("all of it at once: %s", async (seed) => {
    expect(
      await ended({
        ...base,
        seed,
        faults: lossy,
        splitMs: [2 * minuteMs, 25 * minuteMs],
        lateMs: 30 * minuteMs,
        skewMs: (node) => (node % 3) * 40 * minuteMs - 40 * minuteMs,
      }),
    ).toEqual(well);
  });
});

it("a run is repeated by its seed, to the last message", async () => {
  const scenario = { ...base, seed: "again", faults: lossy, splitMs: [minuteMs, 5 * minuteMs] } as const;
  const [one, two, other] = [
    await runScenario(scenario),
    await runScenario(scenario),
    await runScenario({ ...scenario, seed: "another" }),
  ];
  expect(two).toEqual(one);
  expect(other.trace).not.toBe(one.trace);
});

describe("what it takes", () => {
  const split = { splitMs: [2 * minuteMs, 25 * minuteMs], lastMs: 90 * minuteMs } as const;

  it("without comparisons a partition that healed leaves its halves different for good", async () => {
    const outcome = await runScenario({
      ...base,
      seed: "gossip only",
      ...split,
      reconciles: false,
    });
    expect(outcome.equal).toBe(false);
    expect(new Set(outcome.verdicts).size).toBeGreaterThan(1);
  });

  it("a store in which the first of two contents wins never agrees after a partition", async () => {
    const outcome = await runScenario({
      ...base,
      seed: "first wins",
      ...split,
      wrap: firstWins,
    });
    expect(outcome.equal).toBe(false);
    expect(new Set(outcome.verdicts).size).toBeGreaterThan(1);
  });

  it("a set of replaceable records, the newest arrival of each version, never agrees either", async () => {
    const outcome = await runScenario({
      ...base,
      seed: "last wins",
      ...split,
      wrap: lastArrivalWins,
    });
    expect(new Set(outcome.fingerprints).size).toBeGreaterThan(1);
  });
});

const nameOf = ({ publisher, id, version }: ReleaseOperation): string => `${publisher}/${id.toLowerCase()}@${version}`;

/** A weakened catalogue: refuses a release whose version it knows with other content, instead of keeping both as proof. */
function firstWins(catalog: Catalog): OperationStore {
  const contents = new Map<string, string>();
  return {
    ...catalog,
    accept: (envelopes, origin) =>
      catalog.accept(
        envelopes.filter((envelope) => {
          const { operation } = openEnvelope(envelope);
          if (operation.type !== "release") return true;
          const known = contents.get(nameOf(operation)) ?? operation.content.sha256;
          contents.set(nameOf(operation), known);
          return known === operation.content.sha256;
        }),
        origin,
      ),
  };
}

/** A naive registry: one record for each name, and what comes last replaces what was there. */
function lastArrivalWins(): OperationStore {
  const records = new Map<string, { readonly id: string; readonly time: number; readonly envelope: Uint8Array }>();
  const byId = (): Map<string, Uint8Array> => new Map([...records.values()].map(({ id, envelope }) => [id, envelope]));
  return {
    has: (id) => byId().has(id),
    envelopes: (ids) => ids.flatMap((id) => byId().get(id) ?? []),
    idsOf: () => [...byId().keys()],
    accept(envelopes) {
      const accepted: string[] = [];
      for (const envelope of envelopes) {
        const { id, operation } = openEnvelope(envelope);
        const name = operation.type === "release" ? nameOf(operation) : id;
        if (records.get(name)?.id === id) continue;
        records.set(name, { id, time: operation.time, envelope });
        accepted.push(id);
      }
      return Promise.resolve({ accepted, known: [], deferred: [], rejected: [] });
    },
    reconcileIndex() {
      const index = createReconcileIndex();
      for (const { id, time } of records.values()) index.insert(time, fromHex(id));
      return index;
    },
    fingerprint: () => [...byId().keys()].toSorted().join(),
  };
}
