import { sealOperation, type SignedOperation } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { checkConflictProof, derivePublisher, proveConflict } from "../../src/index.ts";
import { keyOf, publisherWithKey } from "../publisher-fixture.ts";

const version = { id: "io.example.demo", version: "1.0.0" };

describe("a proof of a conflict", () => {
  const text = ({ envelope }: SignedOperation): string => Buffer.from(envelope).toString("base64");
  const refused = (code: string): Error => expect.objectContaining({ code }) as Error;
  const owner = publisherWithKey("owner");
  const lastGrant = owner.grant("ci");
  const authority = owner.operations.map(text);
  const one = owner.release("laptop", { content: "one" });
  const other = owner.release("laptop", { content: "other" });
  const good = owner.release("laptop", { version: "2.0.0" });
  const namesake = owner.release("laptop", { id: "io.example.namesake", content: "namesake" });
  const beside = owner.release("ci", { version: "3.0.0" });
  const [yank, again] = ["x", "y"].map((reason) => owner.chain("ci", { type: "yank", ...version, reason }));

  it("is there for what is in conflict, not for what is valid or unknown", () => {
    const state = derivePublisher(owner.operations);
    const envelopes = (): Uint8Array[] => [];
    expect(proveConflict(state, one.id, envelopes)?.kind).toBe("version");
    expect(proveConflict(state, good.id, envelopes)).toBeUndefined();
    expect(proveConflict(state, "0".repeat(64), envelopes)).toBeUndefined();
  });

  it("holds for records that their key's revocation keeps, and not beyond it", () => {
    const upTo = (seq: number, { id }: SignedOperation): string[] => {
      const revoked = owner.revoke("laptop", { seq, id }, { prev: lastGrant.id });
      owner.operations.pop();
      return [...authority, text(revoked), text(one), text(other)];
    };
    for (const [seq, head] of [[2, other] as const, [3, good] as const]) {
      expect(checkConflictProof(upTo(seq, head))).toMatchObject({
        kind: "version",
        operations: [one.id, other.id].toSorted(),
      });
    }
    expect(() => checkConflictProof(upTo(1, one))).toThrow(refused("record.invalid"));
  });

  it("is none of two records that one publisher may sign", () => {
    if (yank === undefined || again === undefined) throw new Error("no yanks");
    for (const [a, b] of [
      [one, beside],
      [one, yank],
      [yank, one],
      [yank, again],
      [other, good],
      [one, namesake],
    ] as const) {
      expect(() => checkConflictProof([...authority, text(a), text(b)])).toThrow(refused("record.invalid"));
    }
  });

  it("is none when another key than the one it names signed a record", () => {
    const forged = sealOperation(other.operation, [keyOf("stranger")]);
    expect(() => checkConflictProof([...authority, text(one), text(forged)])).toThrow(refused("record.bad-signature"));
  });
});
