import type { Catalog } from "@ggen/p2p-catalog";
import { type GgenError, isGgenError, parseRef } from "@ggen/p2p-types";
import { beforeEach, describe, expect, it } from "vitest";

import { type Choice, chooseOwner, type OwnerHints } from "../../src/resolve/choose-owner.ts";
import { createDomainVerifier } from "../../src/resolve/domain.ts";
import { catalogOf, clockAt, TestPublisher } from "./signed-world.ts";

const id = "com.example.tool";
const one = new TestPublisher("one").claim("example.com");
const two = new TestPublisher("two").claim("example.com");
for (const version of ["1.0.0", "1.1.0", "1.2.0"]) one.release(id, version);
one.yank(id, "1.2.0");
two.release(id, "3.0.0");
two.yank(id, "3.0.0");
one.release("com.example.mine");
const outsider = new TestPublisher("outsider");
outsider.release("org.example.other-one");

let catalog: Catalog;
/** Whom the DNS names for example.com. */
let named: string | undefined;
let asked: (AbortSignal | undefined)[];
let synced: boolean;

beforeEach(async () => {
  catalog = await catalogOf([one, two, outsider]);
  named = undefined;
  asked = [];
  synced = true;
});

function choose(ref: string, hints?: OwnerHints): Promise<Choice> {
  const resolver = {
    texts: (_: string, signal?: AbortSignal) => {
      asked.push(signal);
      return Promise.resolve(named === undefined ? [] : [`ggen1 publisher=${named}`]);
    },
  };
  const domains = createDomainVerifier({ catalog, resolver, clock: clockAt(0), readOnly: true });
  const state = { light: undefined, network: () => undefined, synced: () => synced, everSynced: () => synced };
  return chooseOwner({ catalog, domains, ...state }, parseRef(ref), hints);
}

async function refusalOf(chosen: Promise<Choice>): Promise<GgenError> {
  const error: unknown = await chosen.catch((caught: unknown) => caught);
  if (!isGgenError(error)) throw new Error("not refused as expected", { cause: error });
  return error;
}

describe("an owner is chosen because", () => {
  it("the user names it, in the reference or beside it, which counts more", async () => {
    expect(await choose(`${two.publisher}/${id}`)).toMatchObject({
      id,
      publisher: two.publisher,
      because: "you named its publisher",
    });
    expect((await choose(`${two.publisher}/${id}`, { publisher: one.publisher })).publisher).toBe(one.publisher);
    catalog.setTrust(one.publisher, { trusted: false, nickname: "number-one" });
    expect((await choose(id, { publisher: "number-one" })).publisher).toBe(one.publisher);
    expect(asked).toEqual([]);
  });

  it("the lockfile names it, before what was chosen, before whom the user trusts; no DNS is asked", async () => {
    catalog.setTrust(one.publisher, { trusted: true });
    expect(await choose(id)).toMatchObject({ publisher: one.publisher, because: "you trust its publisher" });
    catalog.pinOwner(id, two.publisher);
    expect(await choose(id)).toMatchObject({
      publisher: two.publisher,
      because: "this publisher was chosen for the id before",
    });
    expect(await choose(id, { locked: one.publisher })).toMatchObject({
      publisher: one.publisher,
      because: "ggen.lock names its publisher",
    });
    catalog.setTrust(one.publisher, { trusted: false });
    await choose(id);
    await choose(id, { locked: two.publisher });
    expect(asked).toEqual([]);
  });

  it("its domain names it, asked with the caller's signal", async () => {
    named = two.publisher;
    const { signal } = new AbortController();
    expect(await choose(id, { signal })).toMatchObject({
      publisher: two.publisher,
      because: "the domain of the id names its publisher",
    });
    expect(asked).toEqual([signal]);
  });

  it("nobody else claims the id", async () => {
    const { because, publisher, releases } = await choose("COM.Example.mine");
    expect([because, publisher]).toEqual(["no other publisher claims the id", one.publisher]);
    expect(releases.map(({ id: releaseId }) => releaseId)).toEqual(["com.example.mine"]);
  });

  it("and comes with its own releases, and with all who claim the id", async () => {
    catalog.setTrust(two.publisher, { trusted: true, nickname: "number-two" });
    const { releases, claimants } = await choose(id, { publisher: one.publisher });
    expect(releases.map(({ version, publisher }) => [version, publisher])).toEqual(
      ["1.0.0", "1.1.0", "1.2.0"].map((version) => [version, one.publisher]),
    );
    const both = [
      { publisher: one.publisher, trusted: false, latest: "1.1.0", versions: 3 },
      { publisher: two.publisher, nickname: "number-two", trusted: true, latest: "3.0.0", versions: 1 },
    ];
    expect((await choose(id, { publisher: two.publisher })).releases.map(({ version }) => version)).toEqual(["3.0.0"]);
    expect(claimants).toStrictEqual(both.toSorted((a, b) => (a.publisher < b.publisher ? -1 : 1)));
  });
});

describe("no owner is chosen where", () => {
  it("several claim the id and nothing decides: the commands that do are named", async () => {
    const refused = await refusalOf(choose(id));
    const claimants = [one.publisher, two.publisher].toSorted();
    const commands = claimants.map((publisher) => `ggen marketplace install ${publisher}/${id}`);
    expect(refused).toMatchObject({ code: "package.ambiguous", data: { id, commands } });
    expect(refused.hint).toBe(`Choose one:\n  ${commands.join("\n  ")}`);
    expect(refused.got).toContain(`${one.publisher} (1.1.0)`);
  });

  it("the one that is named has released none: nobody is taken instead", async () => {
    const refused = await refusalOf(choose(`${outsider.publisher}/${id}`));
    expect(refused).toMatchObject({ code: "package.not-found" });
    expect(refused.message).toBe(`${outsider.publisher} has released no ${id}`);
    const locked = await refusalOf(choose("com.example.mine", { locked: two.publisher }));
    expect(locked).toMatchObject({ code: "package.not-found", got: one.publisher });
    catalog.pinOwner(id, outsider.publisher);
    expect((await refusalOf(choose(id))).code).toBe("package.not-found");
  });

  it("nobody of that name is known", async () => {
    expect((await refusalOf(choose(id, { publisher: "nobody" }))).code).toBe("publisher.not-found");
  });

  it("there may be more claimants than the one that is known", async () => {
    synced = false;
    const refused = await refusalOf(choose("org.example.other-one"));
    expect(refused).toMatchObject({
      code: "registry.incomplete",
      got: "no peer",
      data: { id: "org.example.other-one", publisher: outsider.publisher, peers: 0 },
    });
    expect((await choose(`${outsider.publisher}/org.example.other-one`)).publisher).toBe(outsider.publisher);
  });

  it("nobody claims the id: it does not exist, or the node cannot know", async () => {
    expect(await refusalOf(choose("org.example.no-such_thing"))).toMatchObject({
      code: "package.not-found",
      hint: "Search for it: ggen marketplace search thing",
    });
    synced = false;
    expect(await refusalOf(choose("org.example.nothing"))).toMatchObject({
      code: "registry.incomplete",
      got: "no peer",
      data: { id: "org.example.nothing", peers: 0 },
    });
  });
});
