import { setImmediate } from "node:timers/promises";

import { expect, it } from "vitest";

import { connect, identified, startNode, type TestNode, TestPublisher } from "../support/node.ts";

let nextPublisher = 100;

/** Operations of a new publisher. */
function operations(count: number): Uint8Array[] {
  nextPublisher += 1;
  const publisher = new TestPublisher(nextPublisher);
  return [publisher.genesis, ...Array.from({ length: count - 1 }, () => publisher.next())];
}

/** Counts the envelopes that a node is given by comparisons. */
function countGiven(node: TestNode): { readonly given: () => number } {
  let given = 0;
  node.operations.onAccept = (envelopes) => {
    given += envelopes.length;
  };
  return { given: () => given };
}

it("a node that was away gets what changed, not everything", async () => {
  const [stayed, away] = await Promise.all([startNode(), startNode()]);
  const before = operations(600);
  await stayed.operations.accept(before, { via: "local" });
  await away.operations.accept(before, { via: "local" });
  const news = operations(70);
  await stayed.operations.accept(news, { via: "local" });
  const { given } = countGiven(away);
  await connect(away, stayed);
  expect(away.operations.fingerprint()).toBe(stayed.operations.fingerprint());
  expect(given()).toBe(news.length);
});

it("several peers share what is missing: nothing is fetched twice", async () => {
  const holders = await Promise.all([startNode(), startNode(), startNode()]);
  const all = operations(1500);
  for (const holder of holders) await holder.operations.accept(all, { via: "local" });
  const fresh = await startNode();
  const { given } = countGiven(fresh);
  await Promise.all(holders.map((holder) => connect(fresh, holder)));
  expect(fresh.operations.fingerprint()).toBe(holders[0]?.operations.fingerprint());
  expect(given()).toBe(all.length);
});

it("goes on where a connection was cut", async () => {
  const [holder, fresh] = await Promise.all([startNode(), startNode()]);
  const all = operations(3000);
  await holder.operations.accept(all, { via: "local" });
  let given = 0;
  const cut = new Promise<void>((resolve) => {
    fresh.operations.onAccept = (envelopes) => {
      given += envelopes.length;
      if (given >= 512) resolve();
    };
  });
  const ended = new Promise<void>((resolve) => {
    const stop = fresh.behaviour.onSync((event) => {
      if (!("error" in event)) return;
      stop();
      resolve();
    });
  });
  await fresh.behaviour.dial(holder.address());
  await cut;
  expect(fresh.behaviour.syncProgress()).toMatchObject({ expected: all.length });
  await fresh.behaviour.hangUp(holder.behaviour.peerId);
  await ended;
  expect(fresh.behaviour.syncProgress()).toBeUndefined();
  const heldBefore = fresh.operations.held.size;
  expect(heldBefore).toBeLessThan(all.length);
  given = 0;
  await connect(fresh, holder);
  expect(fresh.operations.fingerprint()).toBe(holder.operations.fingerprint());
  expect(given).toBe(all.length - heldBefore);
});

it("what is not taken now is not asked for again at once", async () => {
  const [holder, fresh] = await Promise.all([startNode(), startNode()]);
  const all = operations(40);
  await holder.operations.accept(all, { via: "local" });
  fresh.operations.defers = true;
  const { given } = countGiven(fresh);
  await connect(fresh, holder);
  expect(given()).toBe(all.length);
  const again = await fresh.behaviour.syncWith(holder.behaviour.peerId);
  expect(again).toMatchObject({ received: 0, equal: false });
  expect(given()).toBe(all.length);
});

it("a peer that gives what is not valid is found out, and the rest is fetched from another", async () => {
  const [liar, honest, fresh] = await Promise.all([startNode(), startNode(), startNode()]);
  const all = operations(600);
  await honest.operations.accept(all, { via: "local" });
  await liar.operations.accept(all, { via: "local" });
  liar.operations.spoil = (envelope) => {
    const spoilt = Uint8Array.from(envelope);
    spoilt[spoilt.length - 1] = (spoilt.at(-1) ?? 0) ^ 1;
    return spoilt;
  };
  const known = identified(fresh, liar.behaviour.peerId);
  await fresh.behaviour.dial(liar.address());
  await known;
  while (!fresh.evidence.some(({ kind }) => kind === "lie")) await setImmediate();
  expect(fresh.operations.held.size).toBe(0);
  await connect(fresh, honest);
  expect(fresh.operations.fingerprint()).toBe(honest.operations.fingerprint());
});
