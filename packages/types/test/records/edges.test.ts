import { decode, encode } from "@ipld/dag-cbor";
import { describe, expect, it } from "vitest";

import {
  decodeEnvelope,
  decodeOperation,
  encodeOperation,
  fromPublisherId,
  isPackageId,
  isPublisherId,
  isVersion,
  sealOperation,
  toPublisherId,
} from "../../src/index.ts";
import { decodeCanonical } from "../../src/records/canonical-cbor.ts";
import { refusalOf } from "../errors-of.ts";
import { head } from "./cbor.ts";
import { changed, manifest, sealedRelease, signing } from "./fixtures.ts";

const { operation } = sealedRelease;
type Part = Record<string, unknown>;
/** The release as any encoder would have it, with something changed. */
const release = (changes: Part): Uint8Array => encode({ ...decode<Part>(encodeOperation(operation)), ...changes });
const { content } = decode<{ readonly content: Part }>(release({}));
const [first] = sealedRelease.signatures.map(({ key, signature }) => ({
  key: Buffer.from(key, "hex"),
  sig: signature,
}));
const envelope = (sigs: unknown, op: unknown = encodeOperation(operation)): Uint8Array => encode({ op, sigs });

describe("a record has one form:", () => {
  it("no field more, in the operation, in its content, in a signature", () => {
    expect(decodeOperation(release({}))).toEqual(operation);
    expect(decodeEnvelope(envelope([first])).signed.id).toBe(sealedRelease.id);
    refusalOf(() => decodeOperation(release({ more: 1 })), "record.invalid");
    refusalOf(() => decodeOperation(release({ content: { ...content, more: 1 } })), "record.invalid");
    refusalOf(() => decodeEnvelope(envelope([{ ...first, more: 1 }])), "record.invalid");
    refusalOf(
      () => decodeEnvelope(encode({ op: encodeOperation(operation), sigs: [first], more: 1 })),
      "record.invalid",
    );
  });

  it("an operation of a known type, in bytes", () => {
    const unknown = refusalOf(() => decodeOperation(encode({ v: 1, time: 5, type: "other" })), "record.invalid");
    expect(unknown.expected).toContain("genesis");
    for (const op of [null, "x", 1, {}, []]) refusalOf(() => decodeEnvelope(envelope([first], op)), "record.invalid");
  });

  it("an absent field of a manifest is none, whatever stands for it", () => {
    const { license: _, ...without } = manifest;
    const signed = sealOperation(changed(operation, { manifest: without }), [signing]);
    const absent = { ...manifest, license: undefined } as unknown as typeof manifest;
    expect(sealOperation(changed(operation, { manifest: absent }), [signing]).id).toBe(signed.id);
  });

  it("links are byte strings, and nothing is nested over sixteen deep", () => {
    for (const link of ["d82a6100", "d82a6300aabb", "d82a8100"]) {
      expect(() => decodeCanonical(Buffer.from(link, "hex"))).toThrow(RangeError);
    }
    const lists = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x81), Buffer.of(0)]);
    const maps = (depth: number): Buffer =>
      Buffer.concat([...Array.from({ length: depth }, () => Buffer.of(0xa1, 0x61, 0x61)), head(0, 0)]);
    for (const nested of [lists, maps]) {
      expect(decodeCanonical(nested(16))).toBeDefined();
      expect(() => decodeCanonical(nested(17))).toThrow(/nested too deep/);
    }
  });
});

it("what is decoded does not change with the buffer that the envelope came in", () => {
  const buffer = envelope([first]);
  const { signed, message } = decodeEnvelope(buffer);
  buffer.fill(0);
  expect(signed.signatures.map(({ signature }) => Buffer.from(signature))).toEqual([Buffer.from(first?.sig ?? [])]);
  expect(signed.operation).toEqual(operation);
  expect(Buffer.from(message).includes(Buffer.from(encodeOperation(operation)))).toBe(true);
});

describe("a refusal says which field of which part is wrong:", () => {
  const wrong: readonly (readonly [field: string, decoding: () => unknown])[] = [
    ["envelope", () => decodeEnvelope(encode([]))],
    ["envelope.sigs", () => decodeEnvelope(envelope(1))],
    ["envelope.sigs[1]", () => decodeEnvelope(envelope([first, 1]))],
    ["envelope.sigs[0].key", () => decodeEnvelope(envelope([{ ...first, key: "x" }]))],
    ["envelope.sigs[0].sig", () => decodeEnvelope(envelope([{ ...first, sig: new Uint8Array(63) }]))],
    ["operation", () => decodeOperation(encode(1))],
    ["operation.time", () => decodeOperation(release({ time: -1 }))],
    ["operation.key", () => decodeOperation(release({ key: new Uint8Array(31) }))],
    ["operation.prev", () => decodeOperation(release({ seq: 2, prev: "x" }))],
    ["operation.id", () => decodeOperation(release({ id: "" }))],
    ["content", () => decodeOperation(release({ content: 1 }))],
    ["content.size", () => decodeOperation(release({ content: { ...content, size: 0 } }))],
    ["manifest", () => decodeOperation(release({ manifest: 1 }))],
    ["manifest.title", () => decodeOperation(release({ manifest: { ...manifest, title: 1 } }))],
    ["manifest.tags[1]", () => decodeOperation(release({ manifest: { ...manifest, tags: ["a", 1] } }))],
    ["dependencies", () => decodeOperation(release({ manifest: { ...manifest, dependencies: { "": "*" } } }))],
    ["dependencies.a", () => decodeOperation(release({ manifest: { ...manifest, dependencies: { a: 1 } } }))],
  ];
  it.each(wrong)("%s", (field, decoding) => {
    expect(refusalOf(decoding, "record.invalid").message).toBe(`Field "${field}" of a record is not valid`);
  });
});

describe("names", () => {
  it("of publishers are no longer and no shorter than an id, and begin with ggen1", () => {
    const whole = toPublisherId("00".repeat(32));
    for (const other of [`${whole}a`, `${whole}aaaaaaaa`, `a${whole}`, `aaaaa${whole.slice(5)}`, whole.slice(0, 13)]) {
      expect(isPublisherId(other)).toBe(false);
      refusalOf(() => fromPublisherId(other), "ref.invalid");
    }
  });

  it("of packages may end as a device's does", () => {
    for (const id of ["falcon", "my-aux", "x.con", "beacon.con.x", "recom1"]) expect(isPackageId(id)).toBe(true);
  });

  it("of versions have numbers of any length, up to a hundred characters in all", () => {
    const longest = `1.0.0-${"a".repeat(94)}`;
    for (const version of ["1.0.0-1", "1.0.0-10", "1.0.0-123", "1.0.0-a.1", "1.0.0-a.10", "1.0.0-1.23", longest]) {
      expect(isVersion(version)).toBe(true);
    }
    expect(isVersion(`${longest}a`)).toBe(false);
  });
});
