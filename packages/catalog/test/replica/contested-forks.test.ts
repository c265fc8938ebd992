import { systemClock } from "@ggen/p2p-types";
import { expect, it, onTestFinished } from "vitest";

import { type Catalog, openCatalog } from "../../src/index.ts";
import { keyOf, TestPublisher } from "../publisher-fixture.ts";

function open(): Catalog {
  const catalog = openCatalog({ path: ":memory:", clock: systemClock });
  onTestFinished(() => catalog.close());
  return catalog;
}

/** What two nodes fetch of each other when they compare: what the ids show, and copies of what is contested. */
async function compare(a: Catalog, b: Catalog): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const index = from.reconcileIndex();
    const ids = Array.from({ length: index.size }, (_, rank) => Buffer.from(index.at(rank).id).toString("hex"));
    const need = ids.filter((id) => !to.has(id));
    await to.accept(from.envelopes([...need, ...(to.contested?.() ?? [])]), { via: "sync", peer: "other" });
  }
}

it("whoever passes on a fork with a signature taken away cannot keep others from the winner", async () => {
  const owner = new TestPublisher("owner", { rotationKeys: 2 });
  const [high, low] = owner.rotation;
  if (high === undefined || low === undefined) throw new Error("two rotation keys");
  const at = { prev: owner.genesis.id };
  // The owner's decision is signed by both keys; a thief of the lower one made another, and hands on a copy of the
  // owner's without the higher key's signature, which is enough to be valid.
  const whole = owner.grant("laptop", { ...at, signers: [high, low] });
  const stripped = owner.grant("laptop", { ...at, signers: [low] });
  const thief = owner.grant("thief", { ...at, signers: [low] });
  expect(stripped.id).toBe(whole.id);

  const [deceived, honest] = [open(), open()];
  const give = (catalog: Catalog, ...operations: readonly { readonly envelope: Uint8Array }[]): Promise<unknown> =>
    catalog.accept(
      operations.map(({ envelope }) => envelope),
      { via: "sync", peer: "somebody" },
    );
  await give(deceived, owner.genesis, stripped, thief);
  await give(honest, owner.genesis, whole, thief);
  // The sets are equal by hash, and yet one is frozen: comparing ids does not show it.
  expect(deceived.fingerprint()).toBe(honest.fingerprint());
  expect(deceived.publisherState(owner.publisher)?.frozen).toBeDefined();
  expect(honest.publisherState(owner.publisher)?.frozen).toBeUndefined();
  expect(deceived.contested?.()).toEqual([whole.id, thief.id].toSorted());

  await compare(honest, deceived);
  for (const catalog of [deceived, honest]) {
    const state = catalog.publisherState(owner.publisher);
    expect(state?.frozen).toBeUndefined();
    expect([...(state?.signingKeys.keys() ?? [])]).toEqual([keyOf("laptop").key]);
  }
});

it("asks for nothing where nothing is contested, and for some at a time where much is", async () => {
  const catalog = open();
  const plain = new TestPublisher("plain");
  plain.grant("laptop");
  plain.release("laptop");
  const accept = (publisher: TestPublisher): Promise<unknown> =>
    catalog.accept(
      publisher.operations.map(({ envelope }) => envelope),
      { via: "sync", peer: "somebody" },
    );
  await accept(plain);
  expect(catalog.contested?.()).toEqual([]);

  const all = new Set<string>();
  for (let n = 0; n < 50; n++) {
    const forked = new TestPublisher(`forked ${n}`);
    for (const key of ["a", "b"]) all.add(forked.grant(key, { prev: forked.genesis.id }).id);
    await accept(forked);
  }
  const asked = [1, 2].map(() => catalog.contested?.() ?? []);
  for (const ids of asked) expect(ids).toHaveLength(64);
  expect(new Set(asked.flat())).toEqual(all);
}, 20_000);
