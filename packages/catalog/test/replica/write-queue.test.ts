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

it("takes all of a write back when what is there of it cannot be made durable meanwhile", async () => {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t (n)");
  const full = new Error("database or disk is full");
  let isFull = false;
  let rolledBack = 0;
  const queue = new WriteQueue({
    db,
    *beforeCommit() {
      if (isFull) throw full;
      yield;
    },
    onCommit() {},
    onRollback() {
      rolledBack += 1;
    },
    onIdle() {},
    guard: (run) => run(),
  });
  const halfWritten = Promise.withResolvers<void>();
  const write = (): Promise<void> =>
    queue.add({
      prepared: Promise.resolve(undefined),
      weight: 1,
      *apply() {
        db.exec("INSERT INTO t VALUES (1)");
        halfWritten.resolve();
        yield;
        db.exec("INSERT INTO t VALUES (2)");
      },
    });
  const rows = (): number => Number(db.prepare("SELECT count(*) AS n FROM t").get()?.["n"]);

  const outcome = write().then(
    () => "written",
    (error: unknown) => error,
  );
  await halfWritten.promise;
  isFull = true;
  expect(() => queue.flush()).toThrow(full);
  isFull = false;
  expect(rows()).toBe(0);
  expect(await outcome).toBe(full);
  expect(rows()).toBe(0);
  expect(rolledBack).toBeGreaterThan(0);
  await write();
  expect(rows()).toBe(2);
  db.close();
});

it("writes what is added at whatever moment after the last write", async () => {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t (n)");
  const queue = new WriteQueue({
    db,
    *beforeCommit() {},
    onCommit() {},
    onRollback() {},
    onIdle() {},
    guard: (run) => run(),
  });
  const moments = 12;
  for (let moment = 0; moment < moments; moment += 1) {
    await queue.add({
      prepared: Promise.resolve(),
      weight: 1,
      *apply() {
        yield;
        db.exec("INSERT INTO t VALUES (1)");
      },
    });
    for (let turn = 0; turn < moment; turn += 1) await Promise.resolve();
  }
  await queue.idle();
  expect(db.prepare("SELECT count(*) AS n FROM t").get()?.["n"]).toBe(moments);
  db.close();
});
