import { decode } from "@ipld/dag-cbor";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  decodeEnvelope,
  decodeOperation,
  encodeOperation,
  equalBytes,
  fromHex,
  isGgenError,
  maxEnvelopeBytes,
  openEnvelope,
  type Operation,
  sealOperation,
} from "../../src/index.ts";
import { refusalOf, thrownBy } from "../errors-of.ts";
import { attacks, valid } from "./attacks.ts";
import { changed, manifest, rotationA, rotationB, sealed, sealedRelease, signing } from "./fixtures.ts";

/** Bytes of a record with something changed, taken out or put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...sealed.map(([, { envelope }]) => envelope)),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.constantFrom("change", "remove", "insert", "truncate"),
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
  )
  .map(([envelope, place, kind, other]) => {
    const at = Math.floor(place * envelope.byteLength);
    if (kind === "truncate") return { envelope, bytes: envelope.slice(0, at) };
    const behind = kind === "insert" ? at : at + other.byteLength;
    const middle = kind === "remove" ? new Uint8Array() : other;
    return { envelope, bytes: Uint8Array.from(Buffer.concat([envelope.slice(0, at), middle, envelope.slice(behind)])) };
  });

describe("openEnvelope", () => {
  it("takes the operation that the attacks are made of", () => {
    expect(openEnvelope(valid).operation).toMatchObject({ type: "unyank", id: "a", time: 5 });
  });

  it.each(attacks)("refuses $name", ({ envelope, code, decodes }) => {
    // What plain DAG-CBOR decoding thinks of the bytes: most attacks go through it.
    expect(thrownBy(() => decode(envelope)) === undefined).toBe(decodes);
    refusalOf(() => openEnvelope(envelope), code);
  });

  it("refuses a large envelope before it is decoded, whatever is in it", () => {
    const error = refusalOf(() => decodeEnvelope(new Uint8Array(maxEnvelopeBytes + 1)), "record.too-large");
    expect(error).toMatchObject({ expected: "at most 16384 bytes", got: "16385 bytes" });
  });

  it("throws nothing but its own errors for arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(isGgenError(thrownBy(() => openEnvelope(bytes)))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses every envelope in which something was changed", () => {
    fc.assert(
      fc.property(mutated, ({ envelope, bytes }) => {
        fc.pre(!equalBytes(envelope, bytes));
        expect(isGgenError(thrownBy(() => openEnvelope(bytes)))).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it("opens an envelope that lies inside a larger buffer", () => {
    const { envelope } = sealedRelease;
    const larger = new Uint8Array(envelope.byteLength + 20);
    larger.set(envelope, 7);
    expect(openEnvelope(larger.subarray(7, 7 + envelope.byteLength)).id).toBe(sealedRelease.id);
  });
});

describe("decodeOperation", () => {
  it("takes only what encodes to the same bytes again, and throws nothing but record.invalid", () => {
    const unsigned = fc.constantFrom(...sealed.map(([, { operation }]) => encodeOperation(operation)));
    const change = fc.tuple(unsigned, fc.nat(), fc.nat({ max: 255 })).map(([bytes, at, value]) => {
      const copy = bytes.slice();
      copy[at % copy.byteLength] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(change, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        let operation: Operation;
        try {
          operation = decodeOperation(bytes);
        } catch (error) {
          expect(isGgenError(error, "record.invalid")).toBe(true);
          return;
        }
        expect(encodeOperation(operation)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("sealOperation", () => {
  const { operation } = sealedRelease;

  it("sorts the signatures, whatever the order of the signers", () => {
    const [, genesis] = sealed[0] ?? [];
    const again = sealOperation(genesis?.operation ?? operation, [rotationB, rotationA]);
    expect(again.envelope).toEqual(genesis?.envelope);
  });

  const invalidFields: readonly (readonly [string, object])[] = [
    ["an id with a slash", { id: "a/b" }],
    ["a version that is none", { version: "1.0" }],
    ["time in milliseconds", { time: 1_700_000_000_000 }],
    ["half a second", { time: 1.5 }],
    ["a title of 201 characters", { manifest: { ...manifest, title: "x".repeat(201) } }],
    ["a title that begins with a byte order mark", { manifest: { ...manifest, title: "\ufeffa" } }],
    ["a long title that begins with one", { manifest: { ...manifest, title: `\ufeff${"a".repeat(99)}` } }],
    ["an empty title", { manifest: { ...manifest, title: "" } }],
    ["65 tags", { manifest: { ...manifest, tags: Array.from({ length: 65 }, (_, index) => `t${index}`) } }],
    ["an empty tag", { manifest: { ...manifest, tags: [""] } }],
    ["dependencies as an empty byte string", { manifest: { ...manifest, dependencies: new Uint8Array() } }],
    ["a field that no manifest has", { manifest: { ...manifest, more: "x" } }],
    [
      "content of nothing",
      {
        content: {
          cid: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
          size: 0,
          sha256: "00".repeat(32),
        },
      },
    ],
    [
      "content under another codec",
      {
        content: {
          cid: "bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
          size: 1,
          sha256: "00".repeat(32),
        },
      },
    ],
    [
      "content under a CID of version 0",
      { content: { cid: "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", size: 1, sha256: "00".repeat(32) } },
    ],
  ];
  it.each(invalidFields)("refuses to sign %s", (_, fields) => {
    expect(refusalOf(() => sealOperation(changed(operation, fields), [signing]), "record.invalid").code).toBe(
      "record.invalid",
    );
  });

  it("keeps a dependency named __proto__ as the plain name that it is", () => {
    const dependencies = JSON.parse('{"__proto__": "*"}') as Record<string, string>;
    const signed = sealOperation(changed(operation, { manifest: { ...manifest, dependencies } }), [signing]);
    const opened = openEnvelope(signed.envelope).operation;
    const found = opened.type === "release" ? opened.manifest.dependencies : {};
    expect(Object.entries(found)).toEqual([["__proto__", "*"]]);
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  });

  it("refuses to sign what no peer would take: over 16 KiB", () => {
    const requires = Array.from({ length: 100 }, () => "r".repeat(200));
    const large = changed(operation, { manifest: { ...manifest, requires } });
    refusalOf(() => sealOperation(large, [signing]), "record.too-large");
    expect(
      openEnvelope(
        sealOperation(changed(operation, { manifest: { ...manifest, requires: requires.slice(30) } }), [signing])
          .envelope,
      ).operation.type,
    ).toBe("release");
  });

  it("refuses no signer, one signer twice, more than five, a key of small order", () => {
    const small = { publicKey: fromHex(`01${"00".repeat(31)}`), sign: () => new Uint8Array(64) };
    refusalOf(() => sealOperation(operation, []), "record.invalid");
    refusalOf(() => sealOperation(operation, [signing, signing]), "record.invalid");
    refusalOf(() => sealOperation(operation, [signing, signing, signing, signing, signing, signing]), "record.invalid");
    expect(refusalOf(() => sealOperation(operation, [small]), "record.bad-signature").data).toHaveProperty("operation");
  });
});
