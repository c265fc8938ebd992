/** Hostile bytes for the decoders of this package; `pnpm soak fuzz` runs them. */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { encode } from "@ipld/dag-cbor";

import {
  buildFileDag,
  childSizes,
  claimedNodeSize,
  decodeEnvelope,
  decodeNode,
  decodeOperation,
  encodeOperation,
  equalBytes,
  formatRef,
  fromHex,
  fromPublisherId,
  isAcceptablePublicKey,
  isPackageId,
  isPublisherId,
  isVersion,
  leafEntry,
  normalizePackageId,
  openEnvelope,
  packageKey,
  parseRef,
  toHex,
  toPublisherId,
  verifySignature,
} from "../../src/index.ts";
import { invalidRecord } from "../../src/records/fields.ts";

interface RecordVectors {
  readonly operations: readonly { readonly unsigned: string; readonly envelope: string }[];
  readonly refused: readonly { readonly envelope?: string }[];
}
interface SignatureVectors {
  readonly vectors: readonly { readonly publicKey: string; readonly message: string; readonly signature: string }[];
}

const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../docs/vectors/${name}.json`, import.meta.url), "utf8"));
const records = vectors("records") as RecordVectors;
const envelopes = [...records.operations, ...records.refused].flatMap(({ envelope }) =>
  envelope === undefined ? [] : [fromHex(envelope)],
);
const words = [
  "release",
  "yank",
  "unyank",
  "grant",
  "revoke",
  "rotate",
  "domain",
  "genesis",
  "threshold",
  "seq",
  "prev",
];
const text = (input: Uint8Array): string => Buffer.from(input).toString("utf8");

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Signatures of a file, each as key, signature and message in one. */
const signatures = (vectors("ed25519") as SignatureVectors).vectors.map(({ publicKey, signature, message }) =>
  Buffer.concat([publicKey, signature, message].map((part) => Buffer.from(part, "hex"))),
);

/** A node over `count` leaves, after eight bytes with the size that it is to have. */
function nodeSeed(count: number, lastBytes: number): Uint8Array {
  const leaf = leafEntry(new Uint8Array(1 << 20));
  const { nodes } = buildFileDag([
    ...Array.from({ length: count - 1 }, () => leaf),
    leafEntry(new Uint8Array(lastBytes)),
  ]);
  const [node] = nodes;
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(node?.size ?? 0));
  return Buffer.concat([size, node?.block ?? new Uint8Array()]);
}

/** Operation, key and signature of all that was signed in the vectors. */
const signed = new Set(
  records.operations.flatMap(({ envelope }) => {
    const { id, signatures: list } = openEnvelope(fromHex(envelope));
    return list.map(({ key, signature }) => `${id} ${key} ${toHex(signature)}`);
  }),
);

export const targets = {
  operation: {
    kind: "cbor",
    seeds: records.operations.map(({ unsigned }) => fromHex(unsigned)),
    words,
    run(input: Uint8Array) {
      const operation = decodeOperation(input);
      check(equalBytes(encodeOperation(operation), input), "an operation encodes to other bytes");
      return operation.type;
    },
  },
  envelope: {
    kind: "cbor",
    seeds: envelopes,
    words,
    maxBytes: 20_000,
    run(input: Uint8Array) {
      const { operation, signatures: sigs } = decodeEnvelope(input).signed;
      const list = sigs.map(({ key, signature }) => ({ key: fromHex(key), sig: signature }));
      const again = encode({ op: encodeOperation(operation), sigs: list });
      check(equalBytes(again, input), "an envelope encodes to other bytes");
      return `${operation.type} ${sigs.length}`;
    },
  },
  "signed envelope": {
    kind: "cbor",
    seeds: envelopes,
    run(input: Uint8Array) {
      // Nothing else is ever accepted than what the makers of the vectors signed, though not with all their signatures.
      const { id, signatures: sigs } = openEnvelope(input);
      for (const { key, signature } of sigs) {
        check(signed.has(`${id} ${key} ${toHex(signature)}`), "an operation that nobody signed was accepted");
      }
      return sigs.length.toString();
    },
  },
  signature: {
    kind: "bytes",
    seeds: signatures,
    maxBytes: 1024,
    run(input: Uint8Array) {
      const valid = verifySignature(input.subarray(0, 32), input.subarray(96), input.subarray(32, 96));
      check(!valid || isAcceptablePublicKey(input.subarray(0, 32)), "a signature by a key that is not acceptable");
      check(!valid || signatures.some((seed) => equalBytes(seed, input)), "a forged signature");
      return valid;
    },
  },
  "content node": {
    kind: "bytes",
    seeds: [nodeSeed(2, 1), nodeSeed(3, 1 << 20), nodeSeed(20, 77)],
    maxBytes: 200_000,
    run(input: Uint8Array) {
      const size = input.byteLength < 8 ? 0 : Number(Buffer.from(input).readBigUInt64BE() % 2n ** 34n);
      const block = input.subarray(8);
      const claimed = claimedNodeSize(block);
      check(claimed === undefined || (Number.isSafeInteger(claimed) && claimed >= 0), `a claim of ${claimed} bytes`);
      const children = decodeNode(block, size);
      check(
        isDeepStrictEqual(
          children.map((child) => child.size),
          childSizes(size),
        ),
        "other children than the size has",
      );
      return children.length.toString();
    },
  },
  "package reference": {
    kind: "text",
    seeds: ["io.example.a@^1.2.0", "ann/io.example.a", "ggen1onir4pg3ddbtsuwbzao623frybszz3icuf2kkyqqfhfvewcfr32q/a@1"],
    maxBytes: 1000,
    run(input: Uint8Array) {
      const ref = parseRef(text(input));
      check(isDeepStrictEqual(parseRef(formatRef(ref)), ref), "a reference reads differently when it is written again");
      return Object.keys(ref).join(" ");
    },
  },
  "publisher id": {
    kind: "text",
    seeds: ["ggen1onir4pg3ddbtsuwbzao623frybszz3icuf2kkyqqfhfvewcfr32q"],
    maxBytes: 200,
    run(input: Uint8Array) {
      const id = text(input);
      const genesis = fromPublisherId(id);
      check(genesis.length === 64, `a genesis of ${genesis.length} digits`);
      check(isPublisherId(id) === (toPublisherId(genesis) === id), "two spellings of a publisher id");
      return isPublisherId(id).toString();
    },
  },
  "package id and version": {
    kind: "text",
    seeds: ["io.example.a", "1.2.3-beta.1", "Con.fig", "1.0.0-0a.--"],
    maxBytes: 1000,
    run(input: Uint8Array) {
      const name = text(input);
      if (isVersion(name)) return "version";
      if (!isPackageId(name)) throw invalidRecord("id", "a package id or a version");
      check(packageKey(name).byteLength === 32 && isPackageId(normalizePackageId(name)), "a package id without a key");
      return "id";
    },
  },
};
