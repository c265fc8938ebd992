import { describe, expect, it } from "vitest";

import { keyOf, publisherWithKey, type TestPublisher } from "../publisher-fixture.ts";
import { allOf, DirectIntake } from "./direct-intake.ts";

const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

/** A publisher with some releases of one package. */
function released(name: string, count: number): TestPublisher {
  const owner = publisherWithKey(name);
  for (let minor = 0; minor < count; minor += 1) owner.release("laptop", { version: `1.${minor}.0` });
  return owner;
}

describe("what the disk refuses", () => {
  it("was never there: nobody is told, nothing is compared, and it comes again as what is new", () => {
    const intake = new DirectIntake();
    intake.accept(publisherWithKey("before").operations);
    const owner = released("owner", 3);
    const early = publisherWithKey("early").release("laptop");
    intake.write([...owner.operations, early]);
    // What only follows, too.
    const next = owner.release("laptop", { version: "2.0.0" });
    intake.write([next]);
    // At the last moment: all is written, and listed.
    intake.list();
    intake.takeBack();
    expect([intake.stored, intake.waiting, intake.listed, intake.told.length]).toEqual([2, 0, 0, 0]);
    expect(intake.isIndexWhole).toBe(true);

    const ids = idsOf([...owner.operations, early]);
    expect(intake.accept([...owner.operations, early])).toMatchObject({ accepted: ids, known: [], deferred: [] });
    expect([intake.stored, intake.waiting, intake.listed, intake.told.length]).toEqual([8, 1, 1, 4]);
    expect(intake.versionsOf(owner)).toEqual(["2.0.0"]);
    expect(intake.isIndexWhole).toBe(true);
  });

  it("leaves nothing for what comes next: no names, no end of a chain, nothing to list", () => {
    const intake = new DirectIntake();
    const owner = publisherWithKey("owner");
    intake.accept(owner.operations);
    intake.write([owner.release("laptop", { id: "io.example.refused" })]);
    const refused = released("refused", 1);
    intake.write(refused.operations);
    intake.list();
    intake.takeBack();
    const end = (): unknown => intake.parts.tips.get(owner.publisher)?.ends.get(keyOf("laptop").key);
    expect(end()).toBeUndefined();
    // The place in the chain is free, and another has the numbers that the refused names would have had.
    const other = owner.release("laptop", { id: "io.example.other" }, null);
    const second = released("second", 1);
    intake.accept([other, ...second.operations]);
    expect(end()).toMatchObject({ seq: 1, id: other.id });
    intake.accept(refused.operations);
    for (const each of [owner, second, refused]) expect(intake.versionsOf(each)).toEqual(["1.0.0"]);
    expect(intake.parts.releases.entry("io.example.refused", new Set())).toBeUndefined();
    expect(intake.parts.releases.entry("io.example.demo", new Set())?.claimants).toHaveLength(2);
    expect(intake.told).toHaveLength(3);
    expect(intake.isIndexWhole).toBe(true);
    expect(intake.parts.lister.isBehind).toBe(false);
  });
});

it("what is durable is told, once", () => {
  const intake = new DirectIntake();
  const owner = released("owner", 1);
  intake.write(owner.operations);
  expect(intake.told).toEqual([]);
  intake.commit();
  intake.accept([owner.release("laptop", { version: "1.1.0" })]);
  intake.accept([]);
  expect(intake.told.map(({ version }) => version)).toEqual(["1.0.0", "1.1.0"]);
});

describe("others get their turn", () => {
  it("after so many operations that only follow, and no sooner, also after a start", () => {
    const intake = new DirectIntake();
    intake.limits.perTurn = 8;
    const [one, other] = [released("one", 16), publisherWithKey("other")];
    intake.accept(allOf(one, other));
    for (let minor = 0; minor < 8; minor += 1) one.release("laptop", { version: `2.${minor}.0` });
    other.release("laptop");
    const [follows, last] = [one.operations.slice(18), other.operations.slice(2)];
    intake.parts.tips.clear();
    intake.parts.publishers.forgetAll();
    expect(intake.write([...follows.slice(0, 7), ...last]).pieces).toEqual([8, 0]);
    intake.takeBack();
    expect(intake.write([...follows, ...last]).pieces).toEqual([8, 1]);
  });

  it("after what is read anew of large publishers, of which eight operations are as one that is written", () => {
    const intake = new DirectIntake();
    intake.limits.perTurn = 8;
    const owners = ["a", "b", "c", "d"].map((name) => released(name, 13));
    intake.accept(allOf(...owners));
    // A grant each: all of the publisher is read for it, and that is 16 operations then.
    const grants = owners.map((owner) => owner.grant("desktop"));
    expect(intake.write(grants).pieces).toEqual([3, 1]);
  });
});

describe("in search is", () => {
  it("what came in a few, at once; what came in a flood, later; and what is made here, at once at any time", () => {
    const intake = new DirectIntake();
    intake.limits.listedAtOnce = 6;
    const owner = released("owner", 4);
    intake.accept(owner.operations.slice(0, 2));
    intake.accept(owner.operations.slice(2));
    expect(intake.versionsOf(owner)).toEqual(["1.3.0"]);
    const many = Array.from({ length: 7 }, (_, minor) => owner.release("laptop", { version: `2.${minor}.0` }));
    intake.accept(many);
    // Nor does something else that comes make others wait for it.
    const other = publisherWithKey("other");
    intake.accept(other.operations);
    intake.accept([]);
    expect(intake.versionsOf(owner)).toEqual(["1.3.0"]);
    const own = owner.release("laptop", { version: "3.0.0" });
    intake.accept([own], { via: "local" });
    expect(intake.versionsOf(owner)).toEqual(["3.0.0"]);
    const theirs = other.release("laptop");
    intake.accept([theirs]);
    expect(intake.versionsOf(other)).toEqual([]);
    intake.listRest();
    expect([owner, other].map((each) => intake.versionsOf(each))).toEqual([["3.0.0"], ["1.0.0"]]);
    intake.accept([other.release("laptop", { version: "1.1.0" })]);
    expect(intake.versionsOf(other)).toEqual(["1.1.0"]);
  });

  it("nothing more with a commit of nothing: what is left of before comes in its own time", () => {
    const intake = new DirectIntake();
    const owner = released("owner", 2);
    intake.accept(owner.operations);
    intake.parts.settings.setMeta("listed", "0");
    intake.db.exec("DELETE FROM listings");
    intake.parts.lister.forget();
    intake.write([]);
    intake.commit();
    expect(intake.listed).toBe(0);
    intake.listRest();
    expect(intake.listed).toBe(1);
  });
});

it("flood: operations that never get a parent push out only each other, the oldest of a thousand", () => {
  const intake = new DirectIntake();
  const owner = publisherWithKey("owner");
  const orphan = owner.release("laptop");
  intake.accept([orphan]);
  const victim = publisherWithKey("victim");
  const thefts = victim.release("thief");
  // Each envelope is another one, whatever it holds.
  const flood = Array.from({ length: 1001 }, (_, at) => ({ ...thefts, envelope: Uint8Array.of(at, at >> 8) }));
  intake.accept(flood);
  expect(intake.waiting).toBe(1001);
  const kept = intake.db.prepare("SELECT envelope FROM waiting ORDER BY arrival LIMIT 2").all();
  expect(kept.map(({ envelope }) => envelope)).toEqual([Uint8Array.from(orphan.envelope), Uint8Array.of(1, 0)]);
  intake.accept([...owner.operations.slice(0, 2), ...victim.operations.slice(0, 2)]);
  expect([intake.has(orphan), intake.stored]).toEqual([true, 5]);
});
