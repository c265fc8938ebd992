import { systemClock } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { askAll, type AskOptions } from "../../src/light/ask-all.ts";

/** A clock whose sleeps end when the test says so. */
function handClock(): {
  readonly clock: AskOptions["clock"];
  readonly pass: (ms: number) => void;
  /** Sleeps that nobody ended yet. */
  readonly sleeping: () => number;
} {
  const sleeps: { ms: number; readonly end: () => void }[] = [];
  let ended = 0;
  return {
    sleeping: () => sleeps.filter(({ ms }) => ms > 0).length - ended,
    clock: {
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          sleeps.push({ ms, end: resolve });
          signal?.addEventListener(
            "abort",
            () => {
              ended += 1;
              reject(signal.reason as Error);
            },
            { once: true },
          );
        }),
    },
    pass: (ms) => {
      for (const sleep of sleeps) {
        sleep.ms -= ms;
        if (sleep.ms <= 0) sleep.end();
      }
    },
  };
}

/** Two answers are enough. */
function twoOf(clock: AskOptions["clock"]): { readonly failed: string[]; readonly options: AskOptions } {
  const failed: string[] = [];
  const signal = new AbortController().signal;
  const onFailed = (peerId: string): void => void failed.push(peerId);
  return { failed, options: { enough: 2, graceMs: 100, maxMs: 1000, clock, signal, onFailed } };
}

const turn = (): Promise<void> => systemClock.sleep(0);
const hanging = new Promise<never>(() => {});

it("waits for all, and for one that stalls only so long after enough have answered", async () => {
  const { clock, pass } = handClock();
  const { failed, options } = twoOf(clock);
  expect(await askAll(["a", "b", "c"], async (peer) => peer.toUpperCase(), options)).toEqual(
    new Map([
      ["a", "A"],
      ["b", "B"],
      ["c", "C"],
    ]),
  );
  const slow = Promise.withResolvers<string>();
  const asked = askAll(
    ["a", "b", "slow", "stalls", "fails"],
    async (peer) => {
      if (peer === "stalls") return hanging;
      if (peer === "slow") return slow.promise;
      if (peer === "fails") throw new Error("no");
      return peer;
    },
    options,
  );
  await turn();
  pass(99);
  slow.resolve("late, in time");
  await turn();
  pass(1);
  expect([...(await asked).values()].toSorted()).toEqual(["a", "b", "late, in time"]);
  expect(failed.toSorted()).toEqual(["fails", "stalls"]);
});

it("waits no longer than its limit when nobody answers, and not at all when it is cancelled", async () => {
  const { clock, pass } = handClock();
  const cancel = new AbortController();
  const options: AskOptions = {
    enough: 1,
    graceMs: 100,
    maxMs: 1000,
    clock,
    signal: cancel.signal,
    onFailed: () => {},
  };
  const alone = askAll(["stalls"], () => hanging, options);
  await turn();
  pass(1000);
  expect((await alone).size).toBe(0);
  const cancelled = askAll(["stalls"], () => hanging, options);
  cancel.abort(new Error("enough"));
  await expect(cancelled).rejects.toThrow("enough");
});

it("one answer of two that are enough hurries nobody, and whatever was waited for is over with the last answer", async () => {
  const { clock, pass, sleeping } = handClock();
  const { failed, options } = twoOf(clock);
  const slow = Promise.withResolvers<string>();
  const asked = askAll(["a", "slow"], async (peer) => (peer === "slow" ? slow.promise : peer), options);
  await turn();
  pass(100);
  await turn();
  slow.resolve("late");
  expect([...(await asked).values()]).toEqual(["a", "late"]);
  expect(failed).toEqual([]);
  expect(sleeping()).toBe(0);
});

it("nobody has failed whom the caller does not wait for any more", async () => {
  const failed: string[] = [];
  const cancel = new AbortController();
  const { clock } = handClock();
  const options: AskOptions = {
    enough: 1,
    graceMs: 100,
    maxMs: 1000,
    clock,
    signal: cancel.signal,
    onFailed: (peerId) => void failed.push(peerId),
  };
  const cancelled = askAll(["stalls"], () => hanging, options);
  cancel.abort(new Error("enough"));
  await expect(cancelled).rejects.toThrow("enough");
  expect(failed).toEqual([]);
});
