import { expect, it } from "vitest";

import { type Clock, IdleTimer } from "../src/index.ts";

/** A clock whose sleeps end when they are told to. */
function clockInHand(): { readonly clock: Pick<Clock, "sleep">; readonly wake: () => void } {
  const sleepers: (() => void)[] = [];
  const sleep = (_ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      sleepers.push(resolve);
      signal?.addEventListener("abort", () => reject(new Error("woken")));
    });
  return {
    clock: { sleep },
    wake: () => {
      for (const resolve of sleepers.splice(0)) resolve();
    },
  };
}

/** Lets what was settled be heard of. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("a rest that lasts ends in one call, one that work interrupts in none", async () => {
  const { clock, wake } = clockInHand();
  let calls = 0;
  const timer = new IdleTimer(clock, 10, () => {
    calls += 1;
  });
  timer.begin();
  timer.stop();
  wake();
  await settled();
  expect(calls).toBe(0);
  timer.begin();
  timer.begin();
  wake();
  await settled();
  expect(calls).toBe(1);
});
