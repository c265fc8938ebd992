import { sha256 } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { createEnvelopeVerdicts } from "../../src/gossip/verdicts.ts";
import { TestPublisher } from "../support/node.ts";

const publisher = new TestPublisher(21);
const envelopes = [publisher.genesis, publisher.next(), publisher.next()] as const;

it("an envelope is opened once, and known by the hash of its bytes", () => {
  const verdicts = createEnvelopeVerdicts();
  const { signed, digest } = verdicts.judge(envelopes[0]);
  expect(signed?.envelope).toEqual(envelopes[0]);
  expect(digest).toEqual(sha256(envelopes[0]));
  expect(verdicts.judge(envelopes[0].slice())).toEqual({ signed, digest });
  expect(verdicts.judge(envelopes[0].slice()).signed).toBe(signed);
});

it("one that is malformed or wrongly signed holds nothing, each time", () => {
  const verdicts = createEnvelopeVerdicts();
  const bent = envelopes[1].slice();
  bent[bent.length - 1]! ^= 1;
  for (const bytes of [new Uint8Array(0), bent, bent]) {
    expect(verdicts.judge(bytes)).toEqual({ signed: undefined, digest: sha256(bytes) });
  }
  expect(verdicts.judge(envelopes[1]).signed?.operation.type).toBe("yank");
});

it("so many are remembered, and the oldest is forgotten first", () => {
  const verdicts = createEnvelopeVerdicts(2);
  const [one, two] = [verdicts.judge(envelopes[0]).signed, verdicts.judge(envelopes[1]).signed];
  expect(verdicts.judge(envelopes[0]).signed).toBe(one);
  expect(verdicts.judge(envelopes[1]).signed).toBe(two);
  const three = verdicts.judge(envelopes[2]).signed;
  expect(verdicts.judge(envelopes[1]).signed).toBe(two);
  expect(verdicts.judge(envelopes[2]).signed).toBe(three);
  expect(verdicts.judge(envelopes[0]).signed).not.toBe(one);
});
