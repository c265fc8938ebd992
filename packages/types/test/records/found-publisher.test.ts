import { expect, it } from "vitest";

import { createSigner, foundPublisher, openEnvelope, toHex, toPublisherId } from "../../src/index.ts";

const signers = [1, 2, 3].map((seed) => createSigner(new Uint8Array(32).fill(seed)));
const keys = signers.map(({ publicKey }) => toHex(publicKey));
const signing = toHex(createSigner(new Uint8Array(32).fill(9)).publicKey);

it("a publisher is named by its first record, and its second follows that; all rotation keys sign both", () => {
  const { publisher, genesis, grant } = foundPublisher(signers, 1_700_000_000, 2);
  const granted = grant(signing, "laptop");
  expect(publisher).toBe(toPublisherId(genesis.id));
  expect(openEnvelope(genesis.envelope).operation).toEqual({
    v: 1,
    type: "genesis",
    time: 1_700_000_000,
    keys,
    threshold: 2,
  });
  expect(openEnvelope(granted.envelope).operation).toEqual({
    v: 1,
    type: "grant",
    time: 1_700_000_000,
    publisher,
    prev: genesis.id,
    key: signing,
    label: "laptop",
  });
  for (const { signatures } of [genesis, granted]) {
    expect(signatures.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
  }
  expect(() => foundPublisher(signers, 1_700_000_000, 4)).toThrow(expect.objectContaining({ code: "record.invalid" }));
});
