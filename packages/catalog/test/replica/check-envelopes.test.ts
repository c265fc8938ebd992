import { setImmediate as nextTurn } from "node:timers/promises";

import { silentLogger } from "@ggen/p2p-types";
import { expect, it, onTestFinished } from "vitest";

import { type CheckedEnvelopes, checkEnvelopes, type EnvelopeChecks } from "../../src/replica/check-envelopes.ts";
import { findSignatureWorker, SignaturePool } from "../../src/verify/signature-pool.ts";
import { publisherWithKey } from "../publisher-fixture.ts";
import { DirectIntake } from "./direct-intake.ts";
import { testClock } from "./folder.ts";

const junk = (count: number): Uint8Array[] => Array.from({ length: count }, () => Uint8Array.of(0xa0));

function checking(isHeld: EnvelopeChecks["isHeld"] = () => false): {
  readonly intake: DirectIntake;
  readonly check: (envelopes: readonly Uint8Array[]) => Promise<CheckedEnvelopes>;
} {
  const signatures = new SignaturePool(testClock, silentLogger, findSignatureWorker);
  onTestFinished(() => signatures.close());
  const intake = new DirectIntake();
  const { operations } = intake.parts;
  return { intake, check: (envelopes) => checkEnvelopes(envelopes, { operations, signatures, isHeld }) };
}

it("others get their turn after every 256 envelopes", async () => {
  const { check } = checking();
  /** Turns that others get while so many are checked. */
  const turnsWhile = async (count: number): Promise<number> => {
    let [turns, isDone] = [0, false];
    const others = (async () => {
      for (; !isDone; turns += 1) await nextTurn();
    })();
    expect((await check(junk(count))).rejected).toHaveLength(count);
    const before = turns;
    isDone = true;
    await others;
    return before;
  };
  expect([await turnsWhile(256), await turnsWhile(257), await turnsWhile(769)]).toEqual([0, 1, 3]);
});

it("what began to wait meanwhile is known", async () => {
  const { intake, check } = checking();
  const early = publisherWithKey("early").release("laptop");
  setImmediate(() => intake.accept([early]));
  const { known, fresh } = await check([...junk(256), early.envelope]);
  expect([known, fresh]).toEqual([[early.id], []]);
});

it("a release that is here, and whose stored bytes are damaged, is known when it comes again", async () => {
  const { check } = checking(() => true);
  const owner = publisherWithKey("owner");
  const release = owner.release("laptop");
  const { known, fresh, rejected } = await check([release.envelope, owner.genesis.envelope]);
  expect([known, rejected]).toEqual([[release.id], []]);
  // An authority operation may have come with more signatures.
  expect(fresh.map(({ id }) => id)).toEqual([owner.genesis.id]);
});
