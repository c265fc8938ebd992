import type { Clock } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { firstAnswer, type RaceOptions } from "../../src/query/first-answer.ts";

/** A clock whose sleepers wake when the test says so. */
function handClock(): Pick<Clock, "sleep"> & { wakeAll(): void } {
  const sleepers = new Set<() => void>();
  return {
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        sleepers.add(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      }),
    wakeAll() {
      for (const wake of sleepers) wake();
      sleepers.clear();
    },
  };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A race whose candidates answer when the test says so. */
function race(names: readonly string[], options: Partial<RaceOptions> = {}) {
  const clock = handClock();
  const asked = new Map<string, { answer(value: string | undefined): void; fail(): void; signal: AbortSignal }>();
  let isReturned = false;
  async function* candidates(): AsyncGenerator<string> {
    try {
      yield* names;
    } finally {
      isReturned = true;
    }
  }
  const result = firstAnswer(
    candidates(),
    (name, signal) =>
      new Promise<string | undefined>((resolve, reject) => {
        asked.set(name, { answer: resolve, fail: () => reject(new Error("dead")), signal });
      }),
    { fanOut: 3, hedgeMs: 1, maxActive: 32, clock, signal: new AbortController().signal, ...options },
  );
  return { clock, asked, result, isReturned: () => isReturned };
}

it("asks several at once, takes the first valid answer and cancels the rest", async () => {
  const { asked, result, isReturned } = race(["a", "b", "c", "d"]);
  await settled();
  expect([...asked.keys()]).toEqual(["a", "b", "c"]);
  asked.get("b")?.answer("found");
  expect(await result).toBe("found");
  expect([...asked.values()].map(({ signal }) => signal.aborted)).toEqual([true, true, true]);
  await settled();
  expect(asked.has("d")).toBe(false);
  expect(isReturned()).toBe(true);
});

it("goes on with the next after a failure and after an answer that is not valid", async () => {
  const { asked, result } = race(["dead", "liar", "honest"], { fanOut: 1 });
  await settled();
  expect([...asked.keys()]).toEqual(["dead"]);
  asked.get("dead")?.fail();
  await settled();
  asked.get("liar")?.answer(undefined);
  await settled();
  asked.get("honest")?.answer("found");
  expect(await result).toBe("found");
});

it("does not wait for those who hang, and never asks more than the most", async () => {
  const names = ["h1", "h2", "h3", "h4", "h5", "honest"];
  const { asked, clock, result } = race(names, { fanOut: 2, maxActive: 4 });
  await settled();
  expect([...asked.keys()]).toEqual(["h1", "h2"]);
  clock.wakeAll();
  await settled();
  expect([...asked.keys()]).toEqual(["h1", "h2", "h3", "h4"]);
  clock.wakeAll();
  await settled();
  expect(asked.size).toBe(4);
  asked.get("h1")?.fail();
  asked.get("h2")?.fail();
  await settled();
  asked.get("honest")?.answer("found");
  expect(await result).toBe("found");
});

it("ends without an answer when nobody has one, and when it is called off", async () => {
  const nobody = race(["a"]);
  await settled();
  nobody.asked.get("a")?.answer(undefined);
  expect(await nobody.result).toBeUndefined();
  expect(await race([]).result).toBeUndefined();

  const off = new AbortController();
  const called = race(["a", "b"], { signal: off.signal });
  await settled();
  off.abort();
  expect(await called.result).toBeUndefined();
  expect(called.asked.get("a")?.signal.aborted).toBe(true);
});

it("fails as its source of candidates does", async () => {
  const broken = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("the walk broke")) }),
  };
  const options = { fanOut: 1, hedgeMs: 1, maxActive: 2, clock: handClock(), signal: new AbortController().signal };
  await expect(firstAnswer(broken, () => Promise.resolve("x"), options)).rejects.toThrow("the walk broke");
});
