import type { SignedOperation } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { expect, it } from "vitest";

import { checkConflictProof, conflictOf, derivePublisher, proveConflict } from "../../src/index.ts";
import { publisherWithKey, type TestPublisher } from "../publisher-fixture.ts";
import { history } from "./history.ts";

const text = ({ envelope }: SignedOperation): string => Buffer.from(envelope).toString("base64");
const isSameSet = (a: readonly string[], b: readonly string[]): boolean => a.toSorted().join() === b.toSorted().join();

function prove(owner: TestPublisher, release: SignedOperation): ReturnType<typeof proveConflict> {
  const byId = new Map(owner.operations.map((signed) => [signed.id, signed.envelope]));
  const state = derivePublisher(owner.operations, owner.publisher);
  return proveConflict(state, release.id, (ids) => ids.flatMap((id) => byId.get(id) ?? []));
}

it("names two contents of one version, by whichever keys they were signed, and proves it to a stranger", () => {
  const owner = publisherWithKey("owner");
  owner.grant("ci");
  owner.release("laptop", { version: "1.0.0" });
  const one = owner.release("laptop", { version: "1.1.0", content: "one" });
  const other = owner.release("ci", { version: "1.1.0", content: "other" });
  const state = derivePublisher(owner.operations);
  expect(conflictOf(state, one.id)).toEqual({ kind: "version", operations: [one.id, other.id].toSorted() });
  const proof = prove(owner, other);
  expect(checkConflictProof(proof?.records ?? [])).toEqual({
    publisher: owner.publisher,
    kind: "version",
    operations: [one.id, other.id].toSorted(),
  });
});

it("names the fork of a key for what comes after it, and proves it without what came before", () => {
  const owner = publisherWithKey("owner");
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) owner.release("laptop", { version });
  const fork = owner.heads.get("laptop") ?? null;
  const one = owner.release("laptop", { version: "2.0.0" });
  const later = owner.release("laptop", { version: "3.0.0" });
  const other = owner.release("laptop", { id: "io.example.else", version: "1.0.0" }, fork);
  const expected = { kind: "fork", operations: [one.id, other.id].toSorted() };
  expect(conflictOf(derivePublisher(owner.operations), later.id)).toEqual(expected);
  const proof = prove(owner, later);
  // Genesis, grant and the pair.
  expect(proof?.records).toHaveLength(4);
  expect(checkConflictProof(proof?.records ?? [])).toEqual({ publisher: owner.publisher, ...expected });
});

it("proves nothing of who signed one record, of another publisher, or of what a revocation ended", () => {
  const owner = publisherWithKey("owner");
  const parent = owner.release("laptop", { version: "1.0.0" });
  const one = owner.release("laptop", { version: "1.1.0", content: "one" });
  const other = owner.release("laptop", { version: "1.1.0", content: "other" }, { seq: 1, id: parent.id });
  const [genesis, grant] = owner.operations.map(text);
  const start = [genesis ?? "", grant ?? ""];
  expect(checkConflictProof([...start, text(one), text(other)])).toMatchObject({ kind: "version" });

  const stranger = publisherWithKey("stranger");
  const theirs = stranger.release("laptop", { version: "1.1.0", content: "theirs" });
  const ungranted = owner.release("ci", { version: "1.1.0", content: "ci" });
  const revoked = owner.revoke("laptop", { seq: 1, id: parent.id });
  const bent = Buffer.from(text(other), "base64");
  bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1;
  const faults: readonly (readonly [readonly string[], string])[] = [
    [[...start, text(one), text(one)], "record.invalid"],
    [[...start, text(parent), text(other)], "record.invalid"],
    [[...start, text(one), text(theirs)], "record.invalid"],
    [[...start, text(one), text(ungranted)], "record.invalid"],
    [[...start, text(revoked), text(one), text(other)], "record.invalid"],
    [[genesis ?? "", text(one), text(other)], "record.invalid"],
    [[grant ?? "", text(one), text(other)], "record.invalid"],
    [[...start, text(one), bent.toString("base64")], "record.bad-signature"],
    [[text(one), text(other)], "record.invalid"],
    [Array.from({ length: 5000 }, () => text(one)), "record.invalid"],
    [[...start, "AAAA", "!"], "record.invalid"],
    [[...start, "A".repeat(40_000), text(one)], "record.too-large"],
  ];
  for (const [records, code] of faults) {
    expect(() => checkConflictProof(records)).toThrow(expect.objectContaining({ code }) as Error);
  }
});

it("any conflicted release of any history has a proof that holds by itself; others have none", () => {
  fc.assert(
    fc.property(history, (publisher) => {
      for (const { operation, status } of derivePublisher(publisher.operations).releases) {
        const proof = prove(publisher, operation);
        expect(proof !== undefined).toBe(status === "conflicted");
        if (proof === undefined) continue;
        // The two records of a fork may be two contents of one version as well.
        const { publisher: whose, operations } = proof;
        expect(checkConflictProof(proof.records)).toMatchObject({ publisher: whose, operations });
      }
    }),
    { numRuns: 60 },
  );
});

it("whatever bytes stand in a proof, it is proved or refused in the family's codes", () => {
  const owner = publisherWithKey("owner");
  const parent = owner.release("laptop", { version: "1.0.0" });
  owner.release("laptop", { version: "1.1.0" });
  owner.release("laptop", { version: "1.2.0" }, { seq: 1, id: parent.id });
  const real = owner.operations.filter(({ id }) => id !== parent.id).map(text);
  const pair = owner.operations.slice(-2).map(({ id }) => id);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...real), fc.base64String(), fc.string()), { maxLength: 8 }),
      (records) => {
        try {
          expect(isSameSet(checkConflictProof(records).operations, pair)).toBe(true);
        } catch (error) {
          expect(String((error as { code?: string }).code)).toMatch(/^record\./);
        }
      },
    ),
    { numRuns: 300 },
  );
});
