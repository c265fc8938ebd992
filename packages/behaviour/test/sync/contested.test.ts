import { createSigner, openEnvelope, sealOperation, toHex, toPublisherId } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { connect, startNode } from "../support/node.ts";

it("asks for the peer's copies of what is contested, although the sets are equal", async () => {
  const [high, low] = [1, 2].map((seed) => createSigner(new Uint8Array(32).fill(seed)));
  if (high === undefined || low === undefined) throw new Error("two keys");
  const keys = [high, low].map(({ publicKey }) => toHex(publicKey));
  const genesis = sealOperation({ v: 1, type: "genesis", time: 1, keys, threshold: 1 }, [high]);
  const publisher = toPublisherId(genesis.id);
  const grant = { v: 1, type: "grant", time: 1, publisher, prev: genesis.id, key: keys[0] ?? "", label: "" } as const;
  const [whole, stripped] = [sealOperation(grant, [high, low]), sealOperation(grant, [low])];
  const [a, b] = await Promise.all([startNode(), startNode()]);
  await a.operations.accept([genesis.envelope, stripped.envelope], { via: "local" });
  await b.operations.accept([genesis.envelope, whole.envelope], { via: "local" });
  expect(a.operations.fingerprint()).toBe(b.operations.fingerprint());
  a.operations.contestedIds.push(whole.id);
  const given: number[] = [];
  a.operations.onAccept = (envelopes) => {
    for (const envelope of envelopes) given.push(openEnvelope(envelope).signatures.length);
  };
  await connect(a, b);
  expect(given).toEqual([2]);
});
