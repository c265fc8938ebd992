import { DatabaseSync, type StatementSync } from "node:sqlite";

import { expect, it, onTestFinished } from "vitest";

import { Admission, costOf } from "../../src/admission/admission.ts";
import type { RemovedOperation } from "../../src/admission/stranger-table.ts";
import { ListingTermTable } from "../../src/replica/listing-terms.ts";
import { NameTable } from "../../src/replica/name-table.ts";
import { migrations } from "../../src/replica/schema.ts";

const hourMs = 3_600_000;
const weekMs = 168 * hourMs;

/** A database with publishers of one operation each, and what decides whether there is room in it. */
class Room {
  nowMs = 10 * weekMs;
  maxBytes = Number.MAX_SAFE_INTEGER;
  maxOperations = 1_000_000;
  unlisted = 0;
  readonly known = new Set<string>();
  readonly #db = new DatabaseSync(":memory:");
  readonly #admission: Admission;
  #operations = 0;

  constructor() {
    onTestFinished(() => this.#db.close());
    for (const migration of migrations) this.#db.exec(migration);
    const terms = new ListingTermTable(this.#db, new NameTable(this.#db, "terms"));
    const limit = (name: "maxBytes" | "maxOperations"): number => this[name];
    this.#admission = new Admission({
      db: this.#db,
      terms,
      clock: { now: () => this.nowMs },
      get maxBytes() {
        return limit("maxBytes");
      },
      get maxOperations() {
        return limit("maxOperations");
      },
      known: () => this.known,
      operations: () => this.#operations,
      unlisted: () => this.unlisted,
    });
  }

  /** Stores publishers as a peer brought them. @returns their names */
  bring(peer: string, count: number, { via = "sync", bytes = 3000 } = {}): string[] {
    const statements = new Map<string, StatementSync>();
    const run = (sql: string, ...values: (string | number)[]): number => {
      const statement = statements.get(sql) ?? this.#db.prepare(sql);
      statements.set(sql, statement);
      return Number(statement.run(...values).lastInsertRowid);
    };
    const source = run("INSERT INTO sources (via, peer) VALUES (?, ?)", via, peer);
    return Array.from({ length: count }, (_, at) => {
      const name = `${peer} ${at}`;
      const publisher = run("INSERT INTO publishers (name) VALUES (?)", name);
      const operation = run(
        `INSERT INTO operations (id, time, publisher, is_genesis, first_seen, source)
         VALUES (randomblob(32), 7, ?, 1, ?, ?)`,
        publisher,
        this.nowMs,
        source,
      );
      run("INSERT INTO envelopes (operation, checksum, envelope) VALUES (?, 0, zeroblob(?))", operation, bytes);
      this.#operations += 1;
      return name;
    });
  }

  /** Bytes of the pages that hold something. */
  get used(): number {
    const read = (name: string): number => Number(this.#db.prepare(`PRAGMA ${name}`).get()?.[name]);
    return (read("page_count") - read("freelist_count")) * read("page_size");
  }

  names(): Set<string> {
    return new Set(
      this.#db
        .prepare("SELECT name FROM publishers")
        .all()
        .map(({ name }) => String(name)),
    );
  }

  get free(): ReturnType<Admission["room"]> {
    return this.#admission.room();
  }

  mayCome(publisher: string, origin: Parameters<Admission["mayCome"]>[1] = {}): boolean {
    return this.#admission.mayCome(publisher, origin, this.known);
  }

  /** What goes for some arrivals. */
  goesFor(arriving: number, bytes = 0): { readonly gone: readonly string[]; readonly removed: RemovedOperation[] } {
    const removed: RemovedOperation[] = [];
    const steps = this.#admission.makeRoom(
      Array.from({ length: arriving }, () => bytes),
      removed,
    );
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    this.#operations -= removed.length;
    return { gone: step.value, removed };
  }

  forget(publishers: readonly string[]): void {
    this.#admission.forget(publishers);
  }

  wait(publisher: string): void {
    this.#db
      .prepare(
        `INSERT INTO waiting (digest, id, publisher, envelope, first_seen, via)
         VALUES (randomblob(32), randomblob(32), ?, zeroblob(10), 0, 'sync')`,
      )
      .run(publisher);
  }

  trust(publisher: string): void {
    this.known.add(publisher);
    this.#db.prepare("INSERT INTO trust (publisher, trusted) VALUES (?, 1)").run(publisher);
  }

  waiting(): string[] {
    return this.#db
      .prepare("SELECT publisher FROM waiting ORDER BY arrival")
      .all()
      .map(({ publisher }) => String(publisher));
  }
}

it("an operation costs its envelope and what stands beside it", () => {
  expect(costOf(1000)).toBe(1800);
});

it("there is room to 85 % of the cap for strangers and to 90 % for others, less what is to be listed, and to the count", () => {
  const room = new Room();
  room.bring("peer", 20);
  room.maxBytes = 1_000_000;
  expect(room.free).toEqual({ strangers: 850_000 - room.used, known: 900_000 - room.used });
  room.unlisted = 10;
  expect(room.free).toEqual({ strangers: 846_000 - room.used, known: 896_000 - room.used });
  room.maxOperations = 21;
  expect(room.free.strangers).toBeGreaterThan(0);
  room.maxOperations = 20;
  expect(room.free).toEqual({ strangers: 0, known: 0 });
});

it("nobody goes while there is room for what comes, and from 80 % of the cap as many as make it 70", () => {
  const room = new Room();
  const brought = room.bring("peer", 100);
  room.maxBytes = Math.ceil(room.used / 0.8);
  expect(room.goesFor(0)).toEqual({ gone: [], removed: [] });
  room.maxBytes = Math.ceil((room.used + 10 * 3800) / 0.8);
  expect(room.goesFor(10, 3000).gone).toEqual([]);
  const { gone, removed } = room.goesFor(11, 3000);
  expect(gone.length).toBeGreaterThan(0);
  expect(removed.map(({ time, id }) => [time, id.byteLength])).toEqual(gone.map(() => [7, 32]));
  // An hour's worth of one peer: those that it brought last go first.
  expect(gone).toEqual(brought.slice(-gone.length).toReversed());
  expect([...room.names()]).toEqual(brought.slice(0, -gone.length));
  // As much as makes 70 % of what there is would be more than is asked for: what comes has room to 80.
  const used = room.used;
  room.maxBytes = Math.ceil(used / 0.8) - 100;
  expect(room.goesFor(1, 0).gone.length).toBeGreaterThan(2);
  expect(room.used).toBeLessThanOrEqual(0.72 * room.maxBytes);
});

it("of what comes at once no more than a tenth of the cap is made room for", () => {
  const room = new Room();
  room.bring("peer", 100);
  room.maxBytes = Math.ceil(room.used / 0.79);
  const { gone } = room.goesFor(1000, 3000);
  expect(gone.length).toBeGreaterThan(5);
  expect(gone.length).toBeLessThan(20);
});

it("the number of operations is a cap, too", () => {
  const room = new Room();
  room.bring("peer", 100);
  room.maxOperations = 105;
  expect(room.goesFor(5).gone).toEqual([]);
  const { gone } = room.goesFor(6);
  // To four fifths of it, what comes included.
  expect(gone.length).toBeGreaterThan(16);
  expect(gone.length).toBeLessThan(45);
});

it("what the number of operations has room for makes nobody go beside what the bytes take", () => {
  const gone = [1_000_000, 100, 105].map((most) => {
    const room = new Room();
    room.bring("peer", 100);
    room.maxBytes = Math.ceil(room.used / 0.81);
    room.maxOperations = most;
    return room.goesFor(0).gone.length;
  });
  expect(gone[0]).toBeGreaterThan(5);
  expect(gone).toEqual([gone[0], gone[0], gone[0]]);
});

it("where too little became free, more go, three times at most, and no more than it takes", () => {
  const [once, twice, thrice] = [0.81, 0.86, 0.95].map((part) => {
    const room = new Room();
    // Each gives back less than half of what it counts.
    room.bring("peer", 200, { bytes: 100 });
    const before = room.used;
    room.maxBytes = Math.ceil(before / part);
    const { length } = room.goesFor(0).gone;
    const firstRound = Math.ceil((before - room.maxBytes * 0.7) / costOf(100));
    return { isMore: length > firstRound, part: room.used / room.maxBytes };
  });
  expect([once?.isMore, twice?.isMore, thrice?.isMore]).toEqual([false, true, true]);
  for (const { part = 0 } of [{ ...once }, { ...twice }]) {
    expect(part).toBeGreaterThan(0.75);
    expect(part).toBeLessThan(0.8);
  }
  expect(thrice?.part).toBeGreaterThan(0.8);
});

it("who went is not let in for a day, and its peer brings no strangers for ten minutes, unless it was asked for", () => {
  const room = new Room();
  room.bring("honest", 5, { bytes: 100 });
  room.bring("", 3, { bytes: 100 });
  room.bring("flooder", 100);
  room.maxBytes = Math.ceil(room.used / 0.81);
  const [gone = "", other = ""] = room.goesFor(0).gone;
  expect([gone, other].every((name) => name.startsWith("flooder"))).toBe(true);
  const origin = { peer: "honest" };
  expect(room.mayCome(gone, origin)).toBe(false);
  expect(room.mayCome(gone, { ...origin, asked: true })).toBe(true);
  expect(room.mayCome("somebody", origin)).toBe(true);
  expect(room.mayCome("somebody", { peer: "flooder" })).toBe(false);
  expect(room.mayCome("somebody", { peer: "flooder", asked: true })).toBe(true);
  expect(room.mayCome("somebody")).toBe(true);
  room.known.add("somebody");
  expect(room.mayCome("somebody", { peer: "flooder" })).toBe(true);
  room.forget([other]);
  expect(room.mayCome(other, origin)).toBe(true);

  room.nowMs += 600_000 - 1;
  expect(room.mayCome("anybody", { peer: "flooder" })).toBe(false);
  room.nowMs += 1;
  expect(room.mayCome("anybody", { peer: "flooder" })).toBe(true);
  room.nowMs += 24 * hourMs - 600_000 - 1;
  expect(room.mayCome(gone, origin)).toBe(false);
  room.nowMs += 1;
  expect(room.mayCome(gone, origin)).toBe(true);
});

it("what came from nobody in particular closes nobody", () => {
  const room = new Room();
  room.bring("", 100);
  room.maxBytes = Math.ceil(room.used / 0.81);
  expect(room.goesFor(0).gone.length).toBeGreaterThan(0);
  expect(room.mayCome("somebody")).toBe(true);
});

it("nobody goes who is known or own; where only these are left, it is looked again a minute later", () => {
  const room = new Room();
  const own = room.bring("", 30, { via: "local" });
  const known = room.bring("friend", 30);
  for (const name of known) room.known.add(name);
  const strangers = room.bring("peer", 5);
  room.maxBytes = Math.ceil(room.used / 2);
  expect(room.goesFor(0).gone.toSorted()).toEqual(strangers.toSorted());
  const late = room.bring("late", 5);
  room.nowMs += 59_999;
  expect(room.goesFor(0).gone).toEqual([]);
  room.nowMs += 1;
  expect(room.goesFor(0).gone.toSorted()).toEqual(late.toSorted());
  expect([...room.names()].toSorted()).toEqual([...own, ...known].toSorted());
});

it("what waits of strangers is forgotten where there is no room, what waits of others is not", () => {
  const room = new Room();
  room.trust("friend");
  for (const publisher of ["stranger", "friend"]) room.wait(publisher);
  room.bring("peer", 50);
  room.goesFor(0);
  expect(room.waiting()).toEqual(["stranger", "friend"]);
  room.maxBytes = Math.ceil(room.used / 0.9);
  room.goesFor(0);
  expect(room.waiting()).toEqual(["friend"]);
});
