/** Hostile bytes for the decoders of this package; `pnpm soak fuzz` runs them. */
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

import { decodeEnvelope, sealOperation, type SignedOperation, toHex } from "@ggen/p2p-types";

import { compareBounds, maxMessageBytes, MessageReader, MessageWriter } from "../../src/reconcile/wire.ts";
import { createReconciler } from "../../src/reconcile/reconciler.ts";
import { derivePublisher } from "../../src/rules/derive-publisher.ts";
import { checkQuery } from "../../src/search/check-query.ts";
import { decodeCursor, encodeCursor } from "../../src/search/cursor.ts";
import { matchExpression, soughtTerms } from "../../src/search/match-expression.ts";
import { highlight, idWords } from "../../src/search/words.ts";
import { keyOf, TestPublisher } from "../publisher-fixture.ts";
import { indexOf } from "../reconcile/sets.ts";
import { storedTargets } from "./stored-targets.ts";

interface SyncVectors {
  readonly sessions: readonly { readonly messages: readonly string[] }[];
}

/** What the cursors belong to that are fed. */
const identity = ["rust"];

const text = (input: Uint8Array): string => Buffer.from(input).toString("utf8");

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function messages(): Uint8Array[] {
  const path = new URL("../../../../docs/vectors/sync.json", import.meta.url);
  const { sessions } = JSON.parse(readFileSync(path, "utf8")) as SyncVectors;
  const all = sessions.flatMap((session) => session.messages).map((message) => Buffer.from(message, "hex"));
  return all.filter((message) => message.byteLength < 8000).slice(0, 40);
}

const few = indexOf([1, 2, 3]);
const many = indexOf(Array.from({ length: 400 }, (_, at) => at));
/** What these indexes send first, and answer to each other. */
const own = [few, many].flatMap((index) => {
  const first = createReconciler(index, { frameLimitBytes: 4096 }).initiate();
  return [first, createReconciler(many, { frameLimitBytes: 4096 }).respond(first)];
});

/** A conversation with a peer that says the same again and again: it ends, and no message is over its limit. */
function converse(input: Uint8Array, as: "initiator" | "responder"): string {
  let sent = 0;
  for (const index of [few, many]) {
    const side = createReconciler(index, { frameLimitBytes: 4096, maxRounds: 4 });
    if (as === "initiator") side.initiate();
    const reported = new Set<string>();
    for (let round = 0; round < 3; round++) {
      if (as === "responder") {
        const answer = side.respond(input);
        check(answer.byteLength <= 4096, `an answer of ${answer.byteLength} bytes`);
        sent += answer.byteLength;
        continue;
      }
      const { output, have, need } = side.reconcile(input);
      check((output?.byteLength ?? 0) <= 4096, `a message of ${output?.byteLength} bytes`);
      for (const id of [...have, ...need].map((bytes) => Buffer.from(bytes).toString("hex"))) {
        check(id.length === 64 && !reported.has(id), "an id that was reported twice");
        reported.add(id);
      }
      sent += reported.size;
      if (output === undefined) break;
    }
  }
  return Math.ceil(Math.log2(sent + 1)).toString();
}

const database = new DatabaseSync(":memory:");
database.exec(
  "CREATE VIRTUAL TABLE words USING fts5(body, prefix='2 3'); INSERT INTO words VALUES ('rust cli templates a b')",
);
const select = database.prepare("SELECT count(*) AS n FROM words WHERE words MATCH ?");

const publisher = new TestPublisher("ann");
publisher.grant("laptop");
publisher.release("laptop");
publisher.release("laptop", { version: "1.1.0" });
publisher.authority({ type: "domain", domain: "example.org", claim: true });
publisher.revoke("laptop");
const { operations } = publisher;
const signers = [...publisher.rotation, keyOf("laptop")];

/** A state without what is not compared: maps and sets as sorted lists. */
function plain(operations: readonly SignedOperation[]): string {
  return JSON.stringify(derivePublisher(operations, publisher.publisher), (_, value: unknown) => {
    if (value instanceof Set) return [...value].map(String).toSorted();
    if (value instanceof Map) return [...value].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    return value instanceof Uint8Array ? toHex(value) : value;
  });
}

export const targets = {
  ...storedTargets,
  "reconciliation, answering": {
    kind: "bytes",
    seeds: [...messages(), ...own],
    maxBytes: 8192,
    run: (input: Uint8Array) => converse(input, "responder"),
  },
  "reconciliation, asking": {
    kind: "bytes",
    seeds: [...messages(), ...own],
    maxBytes: 8192,
    run: (input: Uint8Array) => converse(input, "initiator"),
  },
  "reconciliation ranges": {
    kind: "bytes",
    seeds: [...messages(), ...own].map((message) => message.subarray(1)),
    maxBytes: 4096,
    run(input: Uint8Array) {
      // Bounds and modes alone, written again as they were read.
      const reader = new MessageReader(input.subarray(0, maxMessageBytes));
      const writer = new MessageWriter();
      let previous = { time: 0, idPrefix: new Uint8Array() };
      let ranges = 0;
      for (; reader.remaining > 0; ranges++) {
        const bound = reader.bound(previous);
        const mode = reader.varint();
        check(compareBounds(bound, previous) >= 0, "a bound below the one before");
        writer.range(bound, mode);
        const again = writer.finish().subarray(1);
        check(Buffer.compare(again, input.subarray(0, again.byteLength)) === 0, "a range that is written otherwise");
        if (bound.time === Number.POSITIVE_INFINITY) break;
        previous = { time: bound.time, idPrefix: bound.idPrefix.slice() };
      }
      return ranges.toString();
    },
  },
  "operation sets": {
    kind: "cbor",
    seeds: operations.map(({ envelope }) => envelope),
    words: ["release", "yank", "grant", "revoke", "rotate"],
    run(input: Uint8Array) {
      // Well formed and signed by whoever may: whatever it says, the order in which it came changes nothing.
      const { operation } = decodeEnvelope(input).signed;
      const isChain = "key" in operation && operation.type !== "grant" && operation.type !== "revoke";
      const sealed = sealOperation(operation, isChain ? signers.slice(-1) : signers.slice(0, -1));
      const forwards = plain([...operations, sealed]);
      check(plain([sealed, ...operations.toReversed()]) === forwards, "a state that depends on the order");
      check(plain([...operations, sealed, sealed]) === forwards, "a state that depends on how often one came");
      return operation.type;
    },
  },
  "search cursor": {
    kind: "text",
    seeds: [0.5, "io.example.demo"].map((key) =>
      encodeCursor({ asOf: 7, seen: 20, key, updated: 1_760_000_000, listing: 3, weights: [1.5] }, identity),
    ),
    words: ["A", "_", "-", "W1", "null"],
    maxBytes: 5000,
    run(input: Uint8Array) {
      const place = decodeCursor(text(input), identity, "number");
      check(typeof place.key === "number" && Number.isFinite(place.key), "a place that nothing is ordered by");
      return "place";
    },
  },
  "search text": {
    kind: "text",
    seeds: ["rust cli", '"exact phrase" tail', "naïve — ¡olé!", 'a"b""c', "NEAR(a b) OR col:x*", "한국어 ﬁ İ"],
    words: ['"', "*", "OR", "AND", "NOT", "NEAR(", "{", "^", "-", "rust", "a b"],
    maxBytes: 2000,
    run(input: Uint8Array) {
      const { request } = checkQuery({ text: text(input) }, []);
      idWords(request.text);
      highlight(request.text, (word) => word.startsWith("r"));
      const terms = soughtTerms(request.words, request.phrases);
      check(request.words.length + request.phrases.flat().length <= 24, "more words than are looked at");
      if (terms.length > 0) select.get(matchExpression(terms));
      return `${request.words.length} ${request.phrases.length}`;
    },
  },
};
