import { type Clock, systemClock } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { FurtherSource } from "../../src/download/further.ts";

async function* numbers(...values: readonly number[]): AsyncGenerator<number> {
  yield* values;
}

/** A source behind another, and the time that it waits, which passes when it is told to. */
function begin() {
  const slept: number[] = [];
  const waiting = Promise.withResolvers<void>();
  const time = Promise.withResolvers<void>();
  const clock: Clock = {
    ...systemClock,
    async sleep(ms, signal) {
      slept.push(ms);
      const aborted = new Promise<never>((_resolve, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason as Error)),
      );
      await Promise.race([time.promise, aborted]);
    },
  };
  const source = new FurtherSource<number>(clock, 300, () => waiting.resolve());
  return { source, slept, waiting: waiting.promise, pass: () => time.resolve() };
}

describe("a source that is read when it is needed", () => {
  it("is read when time has passed, and what came before it at once", async () => {
    const { source, slept, waiting, pass } = begin();
    const values = source.read(numbers(1, 2), numbers(3));
    expect([await values.next(), await values.next()].map(({ value }) => value as number)).toEqual([1, 2]);
    const third = values.next();
    await waiting;
    pass();
    expect(await third).toEqual({ done: false, value: 3 });
    expect(await values.next()).toMatchObject({ done: true });
    expect(slept).toEqual([300]);
  });

  it("is read at once in a hurry, which is none before it waits, and none after", async () => {
    const { source, waiting } = begin();
    const values = source.read(numbers(), numbers(3));
    expect(source.hurry()).toBe(false);
    const first = values.next();
    await waiting;
    expect(source.hurry()).toBe(true);
    expect(await first).toEqual({ done: false, value: 3 });
    expect(source.hurry()).toBe(false);
  });

  it("is not read when all ended first, and need not be there", async () => {
    let isRead = false;
    async function* late(): AsyncGenerator<number> {
      isRead = true;
      yield 3;
    }
    const waits = begin();
    const next = waits.source.read(numbers(), late()).next();
    await waits.waiting;
    waits.source.end();
    expect(await next).toMatchObject({ done: true });
    const ended = begin();
    ended.source.end();
    expect(await ended.source.read(numbers(), late()).next()).toMatchObject({ done: true });
    expect(isRead).toBe(false);
    expect(await begin().source.read(numbers(), undefined).next()).toMatchObject({ done: true });
  });
});
