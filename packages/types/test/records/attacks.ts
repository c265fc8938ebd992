import { encode } from "@ipld/dag-cbor";

import { encodeOperation, type ErrorCode, type Operation, type Signer } from "../../src/index.ts";
import { bytes, float, head, list, map, text } from "./cbor.ts";
import { hexKey, rotationA, rotationB, sealedRelease, signing } from "./fixtures.ts";

/** An envelope that has to be refused. */
export interface Attack {
  readonly name: string;
  readonly envelope: Uint8Array;
  readonly code: ErrorCode;
  /** Whether plain DAG-CBOR decoding takes these bytes. */
  readonly decodes: boolean;
}

const prefix = Buffer.from("ggen/op/v1\0");
const signatureOf = (unsigned: Uint8Array, signer: Signer): Buffer =>
  map(["key", bytes(signer.publicKey)], ["sig", bytes(signer.sign(Buffer.concat([prefix, unsigned])))]);

/** An envelope around any bytes, truly signed. */
function around(unsigned: Uint8Array, signers: readonly Signer[] = [signing]): Buffer {
  return map(["op", bytes(unsigned)], ["sigs", list(...signers.map((signer) => signatureOf(unsigned, signer)))]);
}

const release = encodeOperation(sealedRelease.operation);
const publisherBytes = bytes(Buffer.alloc(32, 9));
const unyank = (fields: readonly (readonly [string, Uint8Array])[]): Buffer => around(map(...fields));
/** The fields of a small, valid operation in their right order: shorter names first, then by byte. */
const fields: readonly (readonly [string, Uint8Array])[] = [
  ["v", head(0, 1)],
  ["id", text("a")],
  ["key", bytes(signing.publicKey)],
  ["seq", head(0, 1)],
  ["prev", Buffer.of(0xf6)],
  ["time", head(0, 5)],
  ["type", text("unyank")],
  ["version", text("1.0.0")],
  ["publisher", publisherBytes],
];
const withField = (name: string, value: Uint8Array): readonly (readonly [string, Uint8Array])[] =>
  fields.map((entry) => (entry[0] === name ? ([name, value] as const) : entry));

/** The same bytes without an attack, to show that each attack is only what its name says. */
export const valid: Uint8Array = unyank(fields);

function genesis(changes: Partial<Extract<Operation, { type: "genesis" }>>): Buffer {
  const keys = [hexKey(rotationA), hexKey(rotationB)];
  return around(encodeOperation({ v: 1, type: "genesis", time: 1, keys, threshold: 1, ...changes }), [rotationA]);
}

const signatureBytes = signatureOf(release, signing);
const sorted = [signing, rotationA, rotationB].toSorted((a, b) => Buffer.compare(a.publicKey, b.publicKey));
const forged = around(release);
forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;

const invalid = "record.invalid";
const row = (name: string, envelope: Uint8Array, decodes: boolean, code: ErrorCode = invalid): Attack => ({
  name,
  envelope,
  code,
  decodes,
});

/** Envelopes that hostile peers may send. */
export const attacks: readonly Attack[] = [
  row("nothing at all", new Uint8Array(), false),
  row("no CBOR", Buffer.from("hello"), false),
  row("something behind the envelope", Buffer.concat([forged, Buffer.of(0)]), false),
  row("one byte over the largest size", Buffer.alloc(16_385, 0x20), false, "record.too-large"),
  row("a list instead of a map", encode([release, []]), true),
  row("a byte string instead of a map", encode(release), true),
  row("lists in lists, sixteen thousand deep", Buffer.alloc(16_384, 0x81), false),
  row(
    "lists in lists, sixteen thousand deep and closed",
    Buffer.concat([Buffer.alloc(16_000, 0x81), Buffer.of(0)]),
    false,
  ),
  row("lists in lists, two hundred deep and closed", Buffer.concat([Buffer.alloc(200, 0x81), Buffer.of(0)]), true),
  row("a list that claims 2^31 items", Buffer.from("9a7fffffff", "hex"), false),
  row("a list that claims 2^53 items", Buffer.from("9b001fffffffffffff", "hex"), false),
  row("a map that claims 2^32-1 entries", Buffer.from("baffffffff", "hex"), false),
  row("a byte string that claims 2^32-1 bytes", map(["op", Buffer.from("5affffffff", "hex")]), false),
  row("a list of unknown length", Buffer.concat([Buffer.of(0x9f), text("op"), Buffer.of(0xff)]), false),
  row("fields in the wrong order", map(["sigs", list(signatureBytes)], ["op", bytes(release)]), true),
  row("one field twice", map(["op", bytes(release)], ["op", bytes(release)], ["sigs", list(signatureBytes)]), false),
  row("a field too many", encode({ op: release, sigs: [], more: 1 }), true),
  row(
    "a field named __proto__",
    map(["op", bytes(release)], ["sigs", list(signatureBytes)], ["__proto__", map()]),
    true,
  ),
  row("no signature", map(["op", bytes(release)], ["sigs", list()]), true),
  row("no operation", encode({ op: null, sigs: [] }), true),
  row("an empty operation", around(new Uint8Array()), true),
  row("one signer twice", around(release, [signing, signing]), true),
  row("signers in descending order", around(release, sorted.toReversed()), true),
  row("six signatures", around(release, [signing, signing, signing, signing, signing, signing]), true),
  row(
    "a signature of 63 bytes",
    map(
      ["op", bytes(release)],
      ["sigs", list(map(["key", bytes(signing.publicKey)], ["sig", bytes(Buffer.alloc(63))]))],
    ),
    true,
  ),
  row(
    "a key of 31 bytes",
    map(
      ["op", bytes(release)],
      ["sigs", list(map(["key", bytes(Buffer.alloc(31))], ["sig", bytes(Buffer.alloc(64))]))],
    ),
    true,
  ),
  row("a signature with a bit changed", forged, true, "record.bad-signature"),
  row(
    "a signature over the bytes without the prefix",
    map(
      ["op", bytes(release)],
      ["sigs", list(map(["key", bytes(signing.publicKey)], ["sig", bytes(signing.sign(release))]))],
    ),
    true,
    "record.bad-signature",
  ),
  row("an operation whose number is written too long", unyank(withField("time", head(0, 5, 4))), true),
  row("an operation with a floating point number", unyank(withField("time", float(5))), true),
  row("an operation with half a second", unyank(withField("time", float(5.5))), true),
  row("an operation with a negative time", unyank(withField("time", head(1, 5))), true),
  row("an operation with a time of 64 bits", unyank(withField("time", Buffer.from("1bffffffffffffffff", "hex"))), true),
  row("an operation with undefined in place of null", unyank(withField("prev", Buffer.of(0xf7))), true),
  row("an operation with its fields in the wrong order", unyank(fields.toReversed()), true),
  row("an operation with one field twice", unyank([...fields.slice(0, 2), ...fields.slice(1)]), true),
  row(
    "an operation with an unknown field",
    unyank([...fields.slice(0, 3), ["new", head(0, 1)], ...fields.slice(3)]),
    true,
  ),
  row("an operation without one of its fields", unyank(fields.slice(1)), true),
  row("an operation of another format", unyank(withField("v", head(0, 2))), true),
  row("an operation of an unknown type", unyank(withField("type", text("unyonk"))), true),
  row("an operation with a tag", unyank(withField("time", Buffer.concat([head(6, 1), head(0, 5)]))), true),
  row("text that is not UTF-8", unyank(withField("id", Buffer.of(0x61, 0xff))), true),
  row("half a surrogate pair", unyank(withField("id", Buffer.of(0x63, 0xed, 0xa0, 0x80))), true),
  row("an id that is a path", unyank(withField("id", text("../a"))), true),
  row("an id that is a Windows device", unyank(withField("id", text("nul.x"))), true),
  row("a version with build metadata", unyank(withField("version", text("1.0.0+1"))), true),
  row("a first operation with a predecessor", unyank(withField("prev", bytes(Buffer.alloc(32)))), true),
  row("a second operation without one", unyank(withField("seq", head(0, 2))), true),
  row("sequence number 0", unyank(withField("seq", head(0, 0))), true),
  row("a publisher of 31 bytes", unyank(withField("publisher", bytes(Buffer.alloc(31)))), true),
  row("a genesis with one key twice", genesis({ keys: [hexKey(rotationA), hexKey(rotationA)] }), true),
  row("a genesis with a threshold nobody can reach", genesis({ threshold: 3 }), true),
  row("a genesis with threshold 0", genesis({ threshold: 0 }), true),
  row("a genesis without keys", genesis({ keys: [], threshold: 1 }), true),
];
