import { publisherOf } from "@ggen/p2p-catalog";
import { parseRef, type PublisherId, type SignedOperation } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { type Choice, chooseOwner } from "../../src/resolve/choose-owner.ts";
import { createDomainVerifier } from "../../src/resolve/domain.ts";
import { stranger } from "../light/hostile.ts";
import { lightNode } from "../light/light-node.ts";
import { clockAt } from "./signed-world.ts";

const id = "io.example.wanted";
const mine = stranger(id, ["1.0.0"]);
const owner = mine.slice(0, 1).map((signed) => publisherOf(signed))[0] as PublisherId;

/** A light node among some full ones, and what it chooses once it has asked. */
async function choosing(lists: ReadonlyMap<string, readonly SignedOperation[]>) {
  const { node: light, catalog } = await lightNode(lists);
  const resolver = { texts: () => Promise.resolve([]) };
  const domains = createDomainVerifier({ catalog, resolver, clock: clockAt(0), readOnly: true });
  const choose = (): Promise<Choice> =>
    // That it was ever compared says nothing of a light node.
    chooseOwner(
      { catalog, domains, light, network: () => undefined, synced: () => true, everSynced: () => true },
      parseRef(id),
    );
  return { light, catalog, choose };
}

it("a light node that asked nobody, or whom one alone answered, does not know that there is no such package", async () => {
  const { light, choose } = await choosing(new Map([["peer", []]]));
  await expect(choose()).rejects.toMatchObject({ code: "registry.incomplete", got: "no full node was asked" });
  await light.lookup(id);
  await expect(choose()).rejects.toMatchObject({
    code: "registry.incomplete",
    expected: "answers of at least 2 full nodes",
    got: "1 of 1; asked were peer",
    data: { id, asked: { answered: ["peer"] } },
  });
});

it("what two full nodes know nothing of does not exist", async () => {
  const { light, choose } = await choosing(
    new Map([
      ["one", []],
      ["two", []],
    ]),
  );
  await light.lookup(id);
  await expect(choose()).rejects.toMatchObject({
    code: "package.not-found",
    message: `No package ${id}: 2 full nodes know of none`,
    hint: "Search for it: ggen marketplace search wanted",
    data: { id, asked: { answered: { length: 2 } } },
  });
});

it("the only known claimant is taken once a full node was asked, and not before", async () => {
  const { light, catalog, choose } = await choosing(new Map([["peer", mine]]));
  await catalog.accept(
    mine.map(({ envelope }) => envelope),
    { via: "sync" },
  );
  await expect(choose()).rejects.toMatchObject({
    code: "registry.incomplete",
    expected: "the answer of a full node",
    got: "no full node was asked",
    data: { id, publisher: owner },
  });
  await light.lookup(id);
  expect(await choose()).toMatchObject({ publisher: owner, because: "no other publisher claims the id" });
});
