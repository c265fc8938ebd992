/** Hostile bytes for what a disk, or a file from somebody else, says of records. */
import { equalBytes } from "@ggen/p2p-types";

import { checkConflictProof } from "../../src/rules/conflict.ts";
import { Compactor } from "../../src/stored/compact.ts";
import { recordDictionary } from "../../src/stored/dictionary.ts";
import { fromStored, signerContext, toStored } from "../../src/stored/stored-envelope.ts";
import { publisherWithKey } from "../publisher-fixture.ts";

const owner = publisherWithKey("owner");
owner.release("laptop", { manifest: { title: "Ünïcode", description: "Generates code from an ontology." } });
const first = owner.chain("laptop", { type: "yank", id: "io.example.demo", version: "1.0.0", reason: "leaks" });
const authority = owner.operations.slice(0, 2);
const before = { seq: 1, id: owner.operations[2]?.id ?? "" };
const second = owner.release("laptop", { version: "2.0.0" }, before);
const { operations } = owner;

/** What stands before every record of the key here. */
const context = signerContext(first.operation) ?? new Uint8Array();
const contexts = [new Uint8Array(), context];
const compactor = new Compactor(recordDictionary);
const base64 = (envelope: Uint8Array): string => Buffer.from(envelope).toString("base64");

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** What some bytes in the short form are; undefined when they are none. */
function expanded(input: Uint8Array, before: Uint8Array): Uint8Array | undefined {
  try {
    return compactor.expand(input, before);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export const storedTargets = {
  "stored record": {
    kind: "bytes",
    seeds: operations.flatMap(({ envelope }) => contexts.map((each) => compactor.compact(envelope, each))),
    maxBytes: 20_000,
    run(input: Uint8Array<ArrayBuffer>) {
      const found = contexts.map((before) => {
        const record = expanded(input, before);
        if (record === undefined) return 0;
        check(record.byteLength <= 16_384, `a record of ${record.byteLength} bytes`);
        const { envelope, checksum } = toStored(record, before);
        const again = fromStored({ envelope, checksum, context: before });
        check(again !== undefined && equalBytes(again, record), "a record that is another when it is stored again");
        const spoilt = fromStored({ envelope: input, checksum: checksum ^ 1, context: before });
        check(spoilt === undefined, "a record that is read though its checksum is another's");
        return record.byteLength;
      });
      const [alone = 0, behind = 0] = found;
      return alone === 0 && behind === 0 ? false : `${Math.ceil(Math.log2(alone + 1))} ${alone === behind}`;
    },
  },
  "compacted record": {
    kind: "cbor",
    seeds: operations.map(({ envelope }) => envelope),
    words: ["https://github.com/", "laptop", "authors", "manifest"],
    maxBytes: 16_384,
    run(input: Uint8Array) {
      const sizes = contexts.map((before) => {
        const short = compactor.compact(input, before);
        const record = expanded(short, before);
        check(record !== undefined && equalBytes(record, input), "a record that does not come back");
        return short.byteLength;
      });
      return sizes.map((size) => Math.ceil((size * 8) / (input.byteLength + 1))).join(" ");
    },
  },
  "conflict proof": {
    kind: "text",
    seeds: [[...authority, first, second].map(({ envelope }) => base64(envelope)).join("\n")],
    words: ["\n", ...operations.map(({ envelope }) => `${base64(envelope)}\n`)],
    maxBytes: 8192,
    run(input: Uint8Array) {
      const { publisher, operations: pair } = checkConflictProof(Buffer.from(input).toString("utf8").split("\n"));
      check(publisher === owner.publisher, "a publisher that nobody made");
      check(
        [first.id, second.id].every((id) => pair.includes(id)),
        "a proof of what nobody signed",
      );
    },
  },
};
