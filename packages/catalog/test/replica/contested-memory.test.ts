import { DatabaseSync } from "node:sqlite";

import { toPublisherId } from "@ggen/p2p-types";
import { expect, it, onTestFinished } from "vitest";

import { ContestedForks } from "../../src/replica/contested-forks.ts";
import { migrations } from "../../src/replica/schema.ts";
import { SettingsTable } from "../../src/replica/settings-table.ts";

const publisher = (number: number): string => toPublisherId(number.toString(16).padStart(64, "0"));
const id = (number: number): string => `operation ${number}`;

function empty(): { readonly forks: ContestedForks; readonly settings: SettingsTable } {
  const db = new DatabaseSync(":memory:");
  onTestFinished(() => db.close());
  for (const migration of migrations) db.exec(migration);
  const settings = new SettingsTable(db);
  return { forks: new ContestedForks(settings), settings };
}

it("is what was noted last of each publisher, and nothing once it is settled or its publisher gone", () => {
  const { forks, settings } = empty();
  expect(forks.next()).toEqual([]);
  forks.note(publisher(1), [id(1), id(2)]);
  forks.note(publisher(2), [id(3), id(4)]);
  forks.note(publisher(1), [id(5), id(6)]);
  expect(forks.next()).toEqual([id(3), id(4), id(5), id(6)]);
  // After a start as well.
  expect(new ContestedForks(settings).next()).toEqual([id(3), id(4), id(5), id(6)]);
  forks.note(publisher(1), []);
  expect(forks.next()).toEqual([id(3), id(4)]);
  forks.forget(publisher(1));
  expect(forks.next()).toEqual([id(3), id(4)]);
  forks.forget(publisher(2));
  expect(forks.next()).toEqual([]);
  expect(settings.meta("catalog.contested")).toBeUndefined();
});

it("is sixteen operations of a publisher at most, and 256 publishers, of whom those that the user knows stay", () => {
  const { forks, settings } = empty();
  forks.note(
    publisher(0),
    Array.from({ length: 17 }, (_, at) => id(at)),
  );
  expect(forks.next()).toEqual(Array.from({ length: 16 }, (_, at) => id(at)));
  settings.setTrust(publisher(0), { trusted: true });
  const remembered = (): Set<string> => new Set(Array.from({ length: 6 }, () => forks.next()).flat());
  // As 254 more notes would leave it.
  const others = Array.from({ length: 254 }, (_, at) => [publisher(at + 1), [id(101 + at)]]);
  settings.setMeta("catalog.contested", JSON.stringify([[publisher(0), forks.next()], ...others]));
  forks.note(publisher(255), [id(400)]);
  expect(remembered().size).toBe(16 + 255);
  forks.note(publisher(256), [id(500)]);
  const all = remembered();
  expect(all.size).toBe(16 + 255);
  // The first that is not known went, not the one that came.
  expect([id(0), id(101), id(102), id(500)].map((one) => all.has(one))).toEqual([true, false, true, true]);
});

it("is of the one that was noted last also where all others are known", () => {
  const { forks, settings } = empty();
  const others = Array.from({ length: 256 }, (_, at) => [publisher(at), [id(at)]] as const);
  settings.setMeta("catalog.contested", JSON.stringify(others));
  for (const [name] of others) settings.setTrust(name, { trusted: true });
  forks.note(publisher(999), [id(999)]);
  expect(Array.from({ length: 5 }, () => forks.next()).flat()).toContain(id(999));
});

it("is asked for in turns of 64, all of it again and again", () => {
  const { forks } = empty();
  const many = (first: number, count: number): string[] => Array.from({ length: count }, (_, at) => id(first + at));
  for (let at = 0; at < 4; at++) forks.note(publisher(at), many(at * 16, 16));
  for (let turn = 0; turn < 2; turn++) expect(forks.next()).toEqual(many(0, 64));
  forks.note(publisher(4), many(64, 10));
  expect(forks.next()).toEqual(many(0, 64));
  expect(forks.next()).toEqual([...many(64, 10), ...many(0, 54)]);
  expect(forks.next()).toEqual([...many(54, 20), ...many(0, 44)]);
});

it("does without what is stored under a name that no publisher has", () => {
  const { forks, settings } = empty();
  settings.setMeta(
    "catalog.contested",
    JSON.stringify([
      ["nobody", [id(1)]],
      [publisher(1), [id(2)]],
    ]),
  );
  expect(forks.next()).toEqual([id(2)]);
});
