import { expect, it } from "vitest";

import { createSchedule, createSeededRandom, createSimulatedNetwork, type NetworkFaults } from "../../src/index.ts";

const good: NetworkFaults = { lossRate: 0, duplicateRate: 0, latencyMs: [10, 10] };

it("gives the same numbers for the same seed, and others for another", () => {
  const numbers = (seed: string): readonly number[] => {
    const random = createSeededRandom(seed);
    return [random.number(), random.below(1000), random.pick([1, 2, 3]), ...random.bytes(70)];
  };
  expect(numbers("a")).toEqual(numbers("a"));
  expect(numbers("a")).not.toEqual(numbers("b"));
  expect(() => createSeededRandom("a").pick([])).toThrow(RangeError);
});

it("lets things happen in order of time, and of planning at one time", async () => {
  const schedule = createSchedule(1000);
  const happened: string[] = [];
  const random = createSeededRandom("order");
  const delays = Array.from({ length: 200 }, () => random.below(20));
  for (const [n, delay] of delays.entries()) {
    schedule.after(delay, () => {
      happened.push(`${delay} ${n}`);
    });
  }
  await schedule.run(100);
  const expected = delays.map((delay, n) => [delay, n] as const).toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  expect(happened).toEqual(expected.map(([delay, n]) => `${delay} ${n}`));
  expect(schedule.nowMs).toBe(100);
});

it("has clocks that show another time, pass it alike, and wake who sleeps", async () => {
  const schedule = createSchedule(1_000_000);
  const late = schedule.clock(-5000);
  const ticks: number[] = [];
  const stop = late.every(100, () => ticks.push(late.now()));
  let woken = 0;
  void late.sleep(250).then(() => (woken = late.monotonic()));
  schedule.after(310, stop);
  await schedule.run(1000);
  expect(ticks).toEqual([995_100, 995_200, 995_300]);
  expect(woken).toBe(250);
  expect(schedule.clock().now() - late.now()).toBe(5000);
});

it("loses, doubles and reorders as much as it is told, and nothing crosses a partition", async () => {
  const run = async (seed: string, faults: NetworkFaults): Promise<{ got: number[]; trace: string }> => {
    const schedule = createSchedule(0);
    const network = createSimulatedNetwork<number>(schedule, createSeededRandom(seed), faults, String);
    const got: number[] = [];
    network.join("a", () => undefined);
    network.join("b", (_from, message) => got.push(message));
    for (let n = 0; n < 1000; n++) network.send("a", "b", n);
    await schedule.run(10_000);
    return { got, trace: network.trace() };
  };
  const all = Array.from({ length: 1000 }, (_, n) => n);
  expect((await run("1", good)).got).toEqual(all);
  const lossy = await run("1", { ...good, lossRate: 0.3 });
  expect(lossy.got.length).toBeGreaterThan(600);
  expect(lossy.got.length).toBeLessThan(800);
  expect((await run("1", { ...good, duplicateRate: 1 })).got).toHaveLength(2000);
  const mixed = await run("1", { ...good, latencyMs: [0, 500] });
  expect(mixed.got).not.toEqual(all);
  expect(mixed.got.toSorted((a, b) => a - b)).toEqual(all);
  expect((await run("1", { ...good, latencyMs: [0, 500] })).trace).toBe(mixed.trace);
  expect((await run("2", { ...good, latencyMs: [0, 500] })).trace).not.toBe(mixed.trace);

  const schedule = createSchedule(0);
  const network = createSimulatedNetwork<string>(schedule, createSeededRandom(""), good, String);
  const got: string[] = [];
  for (const name of ["a", "b", "c"]) network.join(name, (from, message) => got.push(`${from}>${name} ${message}`));
  network.send("a", "b", "under way");
  network.partition((name) => (name === "a" ? "1" : "2"));
  network.send("b", "c", "inside");
  network.send("c", "a", "across");
  expect(network.reachable("b")).toEqual(["c"]);
  await schedule.run(100);
  network.heal();
  network.send("c", "a", "healed");
  await schedule.run(200);
  expect(got).toEqual(["b>c inside", "c>a healed"]);
  expect(network.counts).toEqual({ sent: 4, delivered: 2, lost: 2 });
});
