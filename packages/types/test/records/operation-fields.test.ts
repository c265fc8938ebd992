import { encode } from "@ipld/dag-cbor";
import { describe, expect, it } from "vitest";

import {
  decodeEnvelope,
  decodeOperation,
  encodeOperation,
  isVersion,
  manifestLimits,
  type Operation,
  sealOperation,
  toPublisherId,
} from "../../src/index.ts";
import { hexKey, manifest, rotationA, rotationB, sealedRelease, signing } from "./fixtures.ts";

const base = { v: 1, time: 5, publisher: toPublisherId("09".repeat(32)) } as const;
const id = "0f".repeat(32);
const invalid = expect.objectContaining({ code: "record.invalid" }) as Error;
/** Encodes whatever it is given, and decodes it as what came from anywhere. */
const roundTrip = (operation: object): Operation => decodeOperation(encodeOperation(operation as Operation));

describe("a revocation", () => {
  const revoke = { ...base, type: "revoke", prev: id, key: hexKey(signing) };
  it("names a head exactly when it keeps something", () => {
    for (const good of [
      { seq: 0, head: null },
      { seq: 1, head: id },
      { seq: 2 ** 40, head: id },
    ]) {
      expect(roundTrip({ ...revoke, ...good })).toEqual({ ...revoke, ...good });
    }
    for (const bad of [
      { seq: 0, head: id },
      { seq: 1, head: null },
      { seq: -1, head: id },
      { seq: 2 ** 40 + 1, head: id },
    ]) {
      expect(() => roundTrip({ ...revoke, ...bad })).toThrow(invalid);
    }
  });
});

describe("a claim of a domain", () => {
  const claim = { ...base, type: "domain", prev: id, claim: true };
  const label = "a".repeat(63);
  it.each(["a.b", "a1.example.org", "a-b.c--d.e", "1.2", `${label}.b`, `${label}.${label}.${label}.${"a".repeat(61)}`])(
    "may be of %s",
    (domain) => {
      for (const claimed of [true, false]) {
        const operation = { ...claim, domain, claim: claimed };
        expect(roundTrip(operation)).toEqual(operation);
      }
    },
  );
  it.each([
    "",
    "a",
    ".a.b",
    "a.b.",
    "a..b",
    "A.b",
    "a.B",
    "-a.b",
    "a-.b",
    "a.-b",
    "a.b-",
    "a_b.c",
    "a.b\n",
    "ü.b",
    `${label}a.b`,
    `b.${label}a`,
    `${label}.${label}.${label}.${"a".repeat(62)}`,
  ])("may not be of %j", (domain) => {
    expect(() => roundTrip({ ...claim, domain })).toThrow(invalid);
  });
  it.each([null, "true", 1, 0, []])("claims or does not: %j is neither", (claimed) => {
    expect(() => roundTrip({ ...claim, domain: "a.b", claim: claimed })).toThrow(invalid);
  });
});

describe("a release", () => {
  const { operation } = sealedRelease;
  const withManifest = (changes: object): Operation =>
    roundTrip({ ...operation, manifest: { ...manifest, ...changes } });
  const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `t${at}`);

  it.each(["tags", "keywords", "authors", "requires"] as const)(
    "has so many %s, of so many characters, and no more",
    (name) => {
      const [items, length] = manifestLimits[name];
      expect(withManifest({ [name]: many(items) })).toMatchObject({ manifest: { [name]: many(items) } });
      expect(() => withManifest({ [name]: many(items + 1) })).toThrow(invalid);
      expect(withManifest({ [name]: ["x".repeat(length)] })).toBeDefined();
      expect(() => withManifest({ [name]: ["x".repeat(length + 1)] })).toThrow(invalid);
      for (const bad of ["x", [1], [null], [["x"]], null]) expect(() => withManifest({ [name]: bad })).toThrow(invalid);
    },
  );

  it("has so many dependencies, each a name with a range, and no more", () => {
    const [items, length] = manifestLimits.dependencies;
    const some = (count: number): object => Object.fromEntries(many(count).map((name) => [name, "*"]));
    expect(withManifest({ dependencies: some(items) })).toBeDefined();
    expect(() => withManifest({ dependencies: some(items + 1) })).toThrow(invalid);
    expect(withManifest({ dependencies: { ["n".repeat(length)]: "r".repeat(length) } })).toBeDefined();
    for (const bad of [
      { a: 1 },
      { a: "" },
      { "": "*" },
      { a: "r".repeat(length + 1) },
      { ["n".repeat(length + 1)]: "*" },
      ["a"],
      null,
    ]) {
      expect(() => withManifest({ dependencies: bad })).toThrow(invalid);
    }
  });

  it.each(["title", "description", "license", "category", "homepage", "repository", "ggenCompat"] as const)(
    "has a %s of so many characters, and no more",
    (name) => {
      const limit = manifestLimits[name];
      expect(withManifest({ [name]: "x".repeat(limit) })).toMatchObject({ manifest: { [name]: "x".repeat(limit) } });
      expect(() => withManifest({ [name]: "x".repeat(limit + 1) })).toThrow(invalid);
      for (const bad of [1, null, true, new Uint8Array(3), ["x"]])
        expect(() => withManifest({ [name]: bad })).toThrow(invalid);
    },
  );
});

describe("an envelope", () => {
  const { operation } = sealedRelease;
  it("holds an operation in bytes, and signatures in the order of their keys", () => {
    for (const op of [null, "x", 1, [], {}]) {
      expect(() => decodeEnvelope(encode({ op, sigs: [] }))).toThrow(invalid);
    }
    const both = sealOperation(operation, [rotationA, rotationB]);
    expect(sealOperation(operation, [rotationB, rotationA]).envelope).toEqual(both.envelope);
    expect(both.signatures.map(({ key }) => key)).toEqual([hexKey(rotationA), hexKey(rotationB)].toSorted());
    const sigs = both.signatures.map(({ key, signature }) => ({ key: Buffer.from(key, "hex"), sig: signature }));
    const op = encodeOperation(operation);
    expect(decodeEnvelope(encode({ op, sigs })).signed.id).toBe(both.id);
    for (const bad of [[], sigs.toReversed(), [sigs[0], sigs[0]], Array.from({ length: 6 }, () => sigs[0]), null]) {
      expect(() => decodeEnvelope(encode({ op, sigs: bad }))).toThrow(invalid);
    }
  });

  it("holds nothing that is no CBOR", () => {
    for (const op of [Buffer.of(), Buffer.of(0xff), Buffer.from("hello"), encode(1), encode([]), encode(null)]) {
      expect(() => decodeOperation(op)).toThrow(invalid);
    }
  });
});

describe("a version", () => {
  it.each([
    "0.0.0",
    "1.2.3",
    "10.20.30",
    "1.0.0-a",
    "1.0.0-0",
    "1.0.0-a.1.b-c",
    "1.0.0-0a",
    "1.0.0--",
    "9007199254740991.0.0",
  ])("may be %s", (version) => {
    expect(isVersion(version)).toBe(true);
  });
  it.each([
    "",
    "1",
    "1.0",
    "1.0.0.0",
    "01.0.0",
    "1.01.0",
    "1.0.01",
    "1.0.0-",
    "1.0.0-01",
    "1.0.0-a..b",
    "1.0.0-a.01",
    "1.0.0+a",
    "1.0.0-ü",
    "v1.0.0",
    " 1.0.0",
    "1.0.0\n",
    "1.0.a",
    "a.0.0",
    "9007199254740992.0.0",
    "0.9007199254740992.0",
    "0.0.9007199254740992",
    `1.0.0-${"a".repeat(95)}`,
  ])("may not be %j", (version) => {
    expect(isVersion(version)).toBe(false);
  });
});
