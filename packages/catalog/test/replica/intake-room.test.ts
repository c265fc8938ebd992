import { toPublisherId } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { publisherWithKey, start, TestPublisher } from "../publisher-fixture.ts";
import { strangers } from "../strangers.ts";
import { allOf, DirectIntake } from "./direct-intake.ts";

const peer = { via: "sync", peer: "peer" } as const;
const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

/** A publisher with some releases of one package. */
function released(name: string, count: number): TestPublisher {
  const owner = publisherWithKey(name);
  for (let minor = 0; minor < count; minor += 1) owner.release("laptop", { version: `1.${minor}.0` });
  return owner;
}

describe("the quota of a publisher", () => {
  it("is one for strangers, and another for those that are known; what is over it may come later", () => {
    const intake = new DirectIntake();
    intake.limits.ofStranger = 4;
    intake.limits.ofKnown = 6;
    const owner = released("owner", 8);
    const all = idsOf(owner.operations);
    expect(intake.accept(owner.operations)).toMatchObject({
      accepted: all.slice(0, 4),
      known: [],
      deferred: all.slice(4),
    });
    expect(intake.accept(owner.operations.slice(4, 6))).toMatchObject({ accepted: [], deferred: all.slice(4, 6) });
    intake.parts.settings.setTrust(owner.publisher, { trusted: true });
    expect(intake.accept(owner.operations.slice(4))).toMatchObject({
      accepted: all.slice(4, 6),
      deferred: all.slice(6),
    });
    expect(intake.stored).toBe(6);
    // A lower one takes nothing away, and lets nothing in.
    intake.limits.ofKnown = 2;
    expect(intake.accept(owner.operations.slice(6))).toMatchObject({ accepted: [], deferred: all.slice(6) });
    expect(intake.stored).toBe(6);
    // What is made here has none, and another publisher has its own.
    expect(intake.accept(owner.operations.slice(6), { via: "local" }).accepted).toEqual(all.slice(6));
    const other = released("other", 1);
    expect(intake.accept(other.operations).accepted).toHaveLength(3);
  });

  it("counts what is stored after a start, and after what only followed", () => {
    const intake = new DirectIntake();
    intake.limits.ofStranger = 4;
    const owner = released("owner", 1);
    intake.accept(owner.operations);
    const next = [owner.release("laptop", { version: "2.0.0" }), owner.release("laptop", { version: "3.0.0" })];
    expect(intake.accept(next)).toMatchObject({ accepted: [next[0]?.id], deferred: [next[1]?.id] });
    expect(intake.accept(next.slice(1)).deferred).toEqual([next[1]?.id]);
    intake.parts.tips.clear();
    intake.parts.publishers.forgetAll();
    expect(intake.accept(next.slice(1)).deferred).toEqual([next[1]?.id]);
  });
});

describe("room in the file", () => {
  /** A catalogue with own operations, which nothing displaces, of whose cap so much is used. */
  function used(part: number): DirectIntake {
    const intake = new DirectIntake();
    intake.accept(allOf(...strangers("own", 12)), { via: "local" });
    intake.maxBytes = Math.ceil(intake.used / part);
    return intake;
  }
  const [somebody, friend, asked] = ["somebody", "friend", "asked"].map((name) => publisherWithKey(name).operations);
  /** How many come in of a stranger, of one that is trusted, and of one that was asked for. */
  function comeIn(intake: DirectIntake): number[] {
    const given = [somebody, friend, asked].map((each) => each ?? []);
    const [genesis] = given[1] ?? [];
    if (genesis !== undefined) intake.parts.settings.setTrust(toPublisherId(genesis.id), { trusted: true });
    return given.map((each, at) => intake.accept(each, { ...peer, asked: at === 2 }).accepted.length);
  }

  it("is for all below 85 % of the cap, below 90 % for those that are trusted or asked for", () => {
    expect(comeIn(used(0.5))).toEqual([2, 2, 2]);
    expect(comeIn(used(0.86))).toEqual([0, 2, 2]);
    const full = used(0.91);
    expect(comeIn(full)).toEqual([0, 0, 0]);
    expect(full.accept(publisherWithKey("own").operations, { via: "local" }).accepted).toHaveLength(2);
  });

  it("is used up by what comes together, beginning with the first", () => {
    const intake = new DirectIntake();
    const own = strangers("own", 20);
    intake.accept(allOf(...own), { via: "local" });
    const few = strangers("few", 6);
    const bytes = allOf(...few).map(({ envelope }) => envelope.byteLength + 800);
    const sum = (count: number): number => bytes.slice(0, count).reduce((all, each) => all + each, 0);
    // Room for exactly the first seven of them.
    intake.maxBytes = Math.ceil((intake.used + sum(7)) / 0.85);
    const { accepted, deferred } = intake.accept(allOf(...few), peer);
    expect([accepted.length, deferred.length]).toEqual([7, 11]);
    expect(accepted).toEqual(idsOf(allOf(...few)).slice(0, 7));
  });
});

describe("strangers that go", () => {
  /** A catalogue with strangers, over its cap as soon as one more operation comes. */
  function full(count = 12): { readonly intake: DirectIntake; readonly here: TestPublisher[] } {
    const intake = new DirectIntake();
    const here = strangers("here", count);
    for (const each of here) {
      intake.nowMs += 1;
      intake.accept(each.operations, { via: "sync", peer: "flooder" });
    }
    intake.maxBytes = Math.ceil(intake.used / 0.8);
    return { intake, here };
  }

  it("are counted, and nothing of them is left", () => {
    const { intake, here } = full();
    const newcomer = publisherWithKey("newcomer");
    intake.nowMs += 1000;
    expect(intake.accept(newcomer.operations, peer).accepted).toHaveLength(2);
    const gone = here.filter(({ genesis }) => !intake.has(genesis));
    expect(gone.length).toBeGreaterThan(0);
    expect(gone.length).toBeLessThan(here.length);
    expect(gone).toEqual(here.slice(-gone.length));
    expect(intake.evictions.read()).toEqual({ publishers: gone.length, lastAtMs: intake.nowMs });
    expect(intake.stored).toBe(3 * (here.length - gone.length) + 2);
    expect(intake.listed).toBe(here.length - gone.length);
    expect(intake.isIndexWhole).toBe(true);
    for (const { publisher } of gone) expect(intake.parts.publishers.get(publisher).admitted.size).toBe(0);
    // Another peer cannot bring them back today, and tomorrow it can.
    const again = gone.at(-1)?.operations ?? [];
    expect(intake.accept(again, peer)).toMatchObject({ accepted: [], known: [], deferred: idsOf(again) });
    intake.nowMs += 24 * 3_600_000;
    expect(intake.accept(again, peer).accepted).toEqual(idsOf(again));
  });

  it("stay when what came in their place cannot be written, and may come back", () => {
    const { intake, here } = full();
    const newcomer = publisherWithKey("newcomer");
    intake.write(newcomer.operations, peer);
    const gone = here.filter(({ genesis }) => !intake.has(genesis));
    expect(gone.length).toBeGreaterThan(0);
    intake.takeBack();
    expect(here.every(({ genesis }) => intake.has(genesis))).toBe(true);
    expect(intake.evictions.read()).toEqual({ publishers: 0 });
    expect(intake.isIndexWhole).toBe(true);
    intake.maxBytes *= 2;
    intake.accept([newcomer.genesis], peer);
    expect(intake.isIndexWhole).toBe(true);
    const [back] = gone;
    const next = back?.release("laptop", { id: "io.example.back", version: "2.0.0" });
    expect(intake.accept(next === undefined ? [] : [next], peer).accepted).toEqual([next?.id]);
  });

  it("do not go for what may not come: from a peer that is over its share, or who went itself", () => {
    const { intake, here } = full();
    intake.accept(publisherWithKey("newcomer").operations, peer);
    const gone = here.filter(({ genesis }) => !intake.has(genesis));
    intake.maxBytes = Math.ceil(intake.used / 0.82);
    const before = intake.stored;
    expect(intake.accept(allOf(...strangers("more", 2)), { via: "sync", peer: "flooder" }).deferred).toHaveLength(6);
    expect(intake.accept(allOf(...gone), peer).accepted).toEqual([]);
    expect([intake.stored, intake.evictions.read().publishers]).toEqual([before, gone.length]);
    // What the user asks for comes in from anywhere.
    const [wanted] = gone;
    const asked = { via: "fetch", peer: "flooder", asked: true } as const;
    expect(intake.accept(wanted?.operations ?? [], asked).accepted).toEqual(idsOf(wanted?.operations ?? []));
  });

  it("do not go for what is made here", () => {
    const { intake } = full();
    intake.accept(allOf(...strangers("own", 3)), { via: "local" });
    expect(intake.evictions.read().publishers).toBe(0);
    expect(intake.stored).toBe(45);
  });

  it("have to come whole again: what follows on them waits", () => {
    const { intake, here } = full();
    const next = here.at(-1)?.release("laptop", { version: "2.0.0" });
    if (next === undefined) throw new Error("a release");
    intake.accept(publisherWithKey("newcomer").operations, peer);
    expect(intake.accept([next], { ...peer, asked: true }).accepted).toEqual([next.id]);
    expect([intake.has(next), intake.waiting]).toEqual([false, 1]);
  });

  it("give their numbers to others, who are listed all the same", () => {
    const { intake, here } = full();
    const newcomer = publisherWithKey("newcomer");
    intake.accept(newcomer.operations, peer);
    expect(intake.evictions.read().publishers).toBeGreaterThan(0);
    intake.maxBytes *= 2;
    for (let at = 0; at < 3; at += 1) {
      intake.accept([newcomer.release("laptop", { id: `io.example.newcomer-${at}` })], peer);
    }
    expect(intake.versionsOf(newcomer)).toHaveLength(3);
    // An id as well, which only one that went had.
    expect(intake.has(here.at(-1)?.genesis ?? newcomer.genesis)).toBe(false);
    intake.accept([newcomer.release("laptop", { id: `io.example.here-${here.length - 1}`, version: "2.0.0" })], peer);
    expect(intake.versionsOf(newcomer)).toContain("2.0.0");
  });

  it("are contested no more", () => {
    const intake = new DirectIntake();
    const forked = new TestPublisher("forked", { rotationKeys: 2 });
    const [high] = forked.rotation;
    for (const key of ["a", "b"])
      forked.grant(key, { prev: forked.genesis.id, signers: high === undefined ? [] : [high] });
    const before = strangers("before", 10);
    intake.accept(allOf(...before), { via: "sync", peer: "flooder" });
    intake.nowMs += 10;
    intake.accept(forked.operations, { via: "sync", peer: "flooder" });
    expect(intake.parts.contested.next()).toHaveLength(2);
    intake.maxBytes = Math.ceil(intake.used / 0.8);
    intake.accept(publisherWithKey("newcomer").operations, peer);
    expect(intake.has(forked.genesis)).toBe(false);
    expect(intake.parts.contested.next()).toEqual([]);
  });
});

it("what is more than ten minutes ahead comes later, wherever it comes from", () => {
  const intake = new DirectIntake();
  const owner = publisherWithKey("owner");
  const at = start + 7200;
  const release = owner.release("laptop", { time: at });
  intake.nowMs = (at - 600) * 1000 - 1;
  for (const via of ["local", "sync"] as const) {
    expect(intake.accept(owner.operations, { via })).toMatchObject({ deferred: [release.id] });
  }
  intake.nowMs += 1;
  expect(intake.accept([release]).accepted).toEqual([release.id]);
});
