import { DatabaseSync } from "node:sqlite";

import { expect, it } from "vitest";

import { WriteQueue } from "../../src/replica/write-queue.ts";

it("does not begin again by itself while nothing can be written", async () => {
  const db = new DatabaseSync(":memory:");
  const full = new Error("database or disk is full");
  let isFull = true;
  let tries = 0;
  const queue: WriteQueue = new WriteQueue({
    db,
    *beforeCommit() {
      yield;
      if (isFull) throw full;
    },
    onCommit() {},
    onRollback() {},
    // As the catalogue does while releases are to be listed.
    onIdle() {
      tries += 1;
      if (tries < 3) write().catch(() => {});
    },
    guard: (run) => run(),
  });
  const write = (): Promise<number> =>
    queue.add({
      prepared: Promise.resolve(1),
      weight: 1,
      *apply(value) {
        yield;
        return value;
      },
    });

  await expect(write()).rejects.toBe(full);
  await queue.idle();
  expect(tries).toBe(0);
  isFull = false;
  expect(await write()).toBe(1);
  await queue.idle();
  expect(tries).toBe(3);
  db.close();
});
