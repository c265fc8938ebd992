/** Hostile bytes for the decoders of this package; `pnpm soak fuzz` runs them. */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { fromHex, isGgenError, systemClock, toHex, toPublisherId } from "@ggen/p2p-types";
import { Key } from "interface-datastore";

import { guardDatastore } from "../../src/datastore/provider-quota.ts";
import { openSqliteDatastore } from "../../src/datastore/sqlite-datastore.ts";
import { createEnvelopeVerdicts } from "../../src/gossip/verdicts.ts";
import { createAnswerParser } from "../../src/wire/answer-parser.ts";
import {
  answerHeaderBytes,
  decodeAnswerHeader,
  decodeChunkRequest,
  encodeAnswerHeader,
  encodeChunkRequest,
} from "../../src/wire/chunk-messages.ts";
import { decodeCloserPeers } from "../../src/wire/find-node.ts";
import { createFrameParser } from "../../src/wire/frame-parser.ts";
import {
  decodeOperationAnswer,
  decodeOperationRequest,
  decodePutAnswer,
  encodeOperationAnswer,
  encodeOperationRequest,
  encodePutAnswer,
  maxListingOffset,
} from "../../src/wire/operation-messages.ts";
import {
  decodeCopyAnswer,
  decodeReceiptAnswer,
  decodeReceiptRequest,
  encodeCopyAnswer,
  encodeReceiptAnswer,
  encodeReceiptRequest,
} from "../../src/wire/receipt-messages.ts";
import {
  decodeSearchRequest,
  decodeSearchTotal,
  encodeSearchRequest,
  encodeSearchTotal,
} from "../../src/wire/search-messages.ts";
import { encodeVarint } from "../../src/wire/varint.ts";
import { bitswapTargets } from "./bitswap-targets.ts";
import { directTargets } from "./direct-targets.ts";

interface WireVectors {
  readonly vectors: readonly { readonly name: string; readonly hex: string }[];
}
interface RecordVectors {
  readonly operations: readonly { readonly envelope: string }[];
  readonly refused: readonly { readonly envelope?: string }[];
}

const load = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../docs/vectors/${name}.json`, import.meta.url), "utf8"));
const wire = (load("wire") as WireVectors).vectors;
const messages = wire.map(({ hex }) => fromHex(hex));
const records = load("records") as RecordVectors;
const envelopes = [...records.operations, ...records.refused].flatMap(({ envelope }) =>
  envelope === undefined ? [] : [fromHex(envelope)],
);
const nonce = new Uint8Array(32).fill(3);
const cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
const digest = "0f".repeat(32);
const words = [
  "get",
  "put",
  "publisher",
  "package",
  "offset",
  "limit",
  "envelopes",
  "end",
  "more",
  "have",
  "cid",
  "n",
  "proofs",
  "total",
];

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** A message that decodes says the same after it was encoded again. */
function roundTrip<T>(
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  seeds: readonly Uint8Array[],
) {
  return {
    kind: "cbor",
    seeds: [...seeds, ...messages],
    words,
    run(input: Uint8Array) {
      const value = decode(input);
      // The decoder of CBOR takes byte order marks away at the beginning of longer texts, one each time.
      if (Buffer.from(input).includes("\ufeff")) return "byte order mark";
      check(
        isDeepStrictEqual(decode(encode(value)), value),
        "a message that reads differently when it is written again",
      );
      return typeof value === "object"
        ? Object.keys(value as object)
            .slice(0, 8)
            .join(" ")
        : typeof value;
    },
  };
}

const frame = (payload: Uint8Array): Uint8Array => Buffer.concat([encodeVarint(payload.byteLength), payload]);
const answers = Buffer.concat([
  encodeAnswerHeader({ kind: "have", n: 1, index: 0xffff, length: 2 }),
  Uint8Array.of(0xff, 0x01),
  encodeAnswerHeader({ kind: "missing", n: 2, index: 0, length: 0 }),
  encodeAnswerHeader({ kind: "block", n: 3, index: 1, length: 5 }),
  new TextEncoder().encode("hello"),
]);

/** Everything that a stream cut into pieces gives, and what was thrown in the end. */
function pushed(input: Uint8Array, step: number, create: (out: unknown[]) => (bytes: Uint8Array) => void) {
  const out: unknown[] = [];
  const push = create(out);
  try {
    for (let at = 0; at < input.byteLength; at += step) push(input.subarray(at, at + step));
    return { out, error: undefined };
  } catch (error) {
    if (!isGgenError(error)) throw error;
    return { out, error };
  }
}

/** A stream means the same however it is cut. */
function checkCuts(input: Uint8Array, create: (out: unknown[]) => (bytes: Uint8Array) => void): string {
  const whole = pushed(input, Math.max(1, input.byteLength), create);
  for (const step of [1, 7]) {
    const cut = pushed(input, step, create);
    check(isDeepStrictEqual(cut.out, whole.out), `other messages when cut into pieces of ${step}`);
    check(cut.error?.message === whole.error?.message, `another refusal when cut into pieces of ${step}`);
  }
  if (whole.error !== undefined) throw whole.error;
  return Math.min(5, whole.out.length).toString();
}

/** A FIND_NODE answer that names one peer at 127.0.0.1. */
const closerPeers = fromHex(
  "080442320a260024080112203b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da291208047f000001060fa1",
);

const quota = { rows: 20, rowsPerPeer: 5, rowsPerKey: 5 };
const providerKeys = ["/dht/provider/abc/peer1", "/dht/provider/abc/", "/dht/record/x", "/peers/a", "/dht/provider//"];
const verdicts = createEnvelopeVerdicts(16);

export const targets = {
  ...bitswapTargets,
  ...directTargets,
  frames: {
    kind: "bytes",
    seeds: [
      frame(new Uint8Array()),
      Buffer.concat([frame(nonce), frame(new Uint8Array(300)), frame(Uint8Array.of(1))]),
    ],
    maxBytes: 4096,
    run: (input: Uint8Array) =>
      checkCuts(input, (out) => {
        const parser = createFrameParser(1000, (payload) => out.push(toHex(payload)));
        return (bytes) => {
          parser.push(bytes);
          check(parser.pendingBytes <= 1000, `${parser.pendingBytes} bytes held`);
        };
      }),
  },
  "chunk answers": {
    kind: "bytes",
    seeds: [answers],
    maxBytes: 4096,
    run: (input: Uint8Array) =>
      checkCuts(input, (out) => {
        const parser = createAnswerParser({
          onHeader: (header) => void out.push(header),
          onProgress: () => {},
          onAnswer: (header, payload) => void out.push([header.kind, toHex(payload)]),
          take: (length) => new Uint8Array(length),
        });
        return (bytes) => parser.push(bytes);
      }),
  },
  "chunk answer header": {
    kind: "bytes",
    seeds: [answers.subarray(0, answerHeaderBytes)],
    maxBytes: 32,
    run(input: Uint8Array) {
      const header = decodeAnswerHeader(input);
      check(toHex(encodeAnswerHeader(header)) === toHex(input), "a header that is written otherwise");
      return header.kind;
    },
  },
  "chunk request": roundTrip(decodeChunkRequest, encodeChunkRequest, [
    encodeChunkRequest({ n: 1, have: cid }),
    encodeChunkRequest({ n: 2, cid, get: [digest, digest] }),
  ]),
  "operation request": roundTrip(decodeOperationRequest, encodeOperationRequest, [
    encodeOperationRequest({ get: [digest] }),
    encodeOperationRequest({ put: envelopes.slice(0, 2) }),
    encodeOperationRequest({ selector: { publisher: toPublisherId(digest) }, limit: 512, offset: 1024 }),
    encodeOperationRequest({ selector: { package: "io.example.a" }, limit: 1, offset: maxListingOffset }),
  ]),
  "operation answer": roundTrip(decodeOperationAnswer, encodeOperationAnswer, [
    encodeOperationAnswer({ envelopes: envelopes.slice(0, 2) }),
  ]),
  "put answer": roundTrip(decodePutAnswer, encodePutAnswer, []),
  "receipt request": roundTrip(decodeReceiptRequest, encodeReceiptRequest, [
    encodeReceiptRequest({ cid, nonce, digests: [digest, digest] }),
    encodeReceiptRequest({ copy: digest }),
  ]),
  "copy answer": roundTrip(
    decodeCopyAnswer,
    encodeCopyAnswer,
    (["held", "coming", "unknown", "no"] as const).map((answer) => encodeCopyAnswer(answer)),
  ),
  "receipt answer": roundTrip(decodeReceiptAnswer, encodeReceiptAnswer, [encodeReceiptAnswer([nonce, null])]),
  "search request": roundTrip(decodeSearchRequest, encodeSearchRequest, [
    encodeSearchRequest({
      text: "rust",
      tags: ["a"],
      keywords: ["b"],
      category: "c",
      publisher: "d",
      limit: 3,
      offset: 9,
    }),
  ]),
  "search total": roundTrip(decodeSearchTotal, encodeSearchTotal, [encodeSearchTotal(7)]),
  "closer peers": {
    kind: "bytes",
    seeds: [closerPeers],
    maxBytes: 4096,
    run(input: Uint8Array) {
      const peers = decodeCloserPeers(input);
      check(
        peers.length <= 20 && peers.every(({ addresses }) => addresses.length > 0 && addresses.length <= 16),
        "more peers or addresses than are looked at",
      );
      return peers.length.toString();
    },
  },
  gossip: {
    kind: "cbor",
    seeds: envelopes,
    run(input: Uint8Array) {
      const { signed, digest: id } = verdicts.judge(input);
      check(id.byteLength === 32, "a message without an id");
      return signed?.operation.type ?? false;
    },
  },
  "DHT records": {
    kind: "text",
    seeds: [...providerKeys, providerKeys.join("\n")].map((keys) => `${keys}\n\u0001\u0002`),
    words: providerKeys,
    maxBytes: 2000,
    async run(input: Uint8Array) {
      const store = openSqliteDatastore(undefined);
      try {
        const { datastore, providerRows } = guardDatastore(store, {
          quota,
          ownPeerId: "own",
          ttlMs: 1000,
          clock: systemClock,
        });
        const lines = Buffer.from(input).toString("utf8").split("\n");
        let refusal: unknown;
        for (const [at, line] of lines.entries()) {
          try {
            await datastore.put(new Key(`/${line}`), input.subarray(at * 3));
          } catch (error) {
            refusal = error;
          }
        }
        check(providerRows() <= quota.rows, "more provider records than the quota");
        for await (const { key } of datastore.query({ prefix: "/dht/provider/" })) await datastore.delete(key);
        if (refusal !== undefined) throw refusal;
        return Math.min(5, lines.length).toString();
      } finally {
        store.close();
      }
    },
  },
};
