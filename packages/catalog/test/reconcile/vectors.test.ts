import { readFileSync } from "node:fs";

import { sha256 } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { createReconcileIndex, createReconciler, type MutableReconcileIndex } from "../../src/index.ts";
import { fingerprintBytes, fingerprintDigest } from "../../src/reconcile/sum256.ts";
import { encodeVarint } from "../../src/reconcile/wire.ts";
import { hexList } from "./sets.ts";

type Ranges = readonly (readonly [number, number])[];

interface Vectors {
  readonly varints: readonly { readonly value: number; readonly bytes: string }[];
  readonly fingerprints: readonly {
    readonly ids: readonly string[];
    readonly sum: string;
    readonly fingerprint: string;
  }[];
  readonly sessions: readonly {
    readonly name: string;
    readonly firstTime: number;
    readonly itemsPerSecond: number;
    readonly frameLimitBytes: number;
    readonly initiator: Ranges;
    readonly responder: Ranges;
    readonly messages: readonly string[];
    readonly have: readonly string[];
    readonly need: readonly string[];
  }[];
}

const path = new URL("../../../../docs/vectors/sync.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as Vectors;
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

function indexOf(ranges: Ranges, firstTime: number, itemsPerSecond: number): MutableReconcileIndex {
  const index = createReconcileIndex();
  for (const [from, end] of ranges) {
    for (let item = from; item < end; item++) {
      const id = sha256(new TextEncoder().encode(`ggen sync vector ${item}`));
      index.insert(firstTime + Math.floor(item / itemsPerSecond), id);
    }
  }
  return index;
}

describe("docs/vectors/sync.json", () => {
  it.each(vectors.varints)("varint $value", ({ value, bytes }) => {
    expect(toHex(encodeVarint(value))).toBe(bytes);
  });

  it.each(vectors.fingerprints)("fingerprint $fingerprint", ({ ids, sum, fingerprint }) => {
    const index = createReconcileIndex();
    for (const [time, id] of ids.entries()) index.insert(time, fromHex(id));
    const total = index.sum(0, ids.length);
    expect(toHex(total)).toBe(sum);
    expect(toHex(fingerprintDigest(total, ids.length).subarray(0, fingerprintBytes))).toBe(fingerprint);
  });

  it.each(vectors.sessions)("session: $name", (session) => {
    const { firstTime, itemsPerSecond, frameLimitBytes, messages } = session;
    const initiator = createReconciler(indexOf(session.initiator, firstTime, itemsPerSecond), { frameLimitBytes });
    const responder = createReconciler(indexOf(session.responder, firstTime, itemsPerSecond), { frameLimitBytes });
    const have: Uint8Array[] = [];
    const need: Uint8Array[] = [];
    expect(toHex(initiator.initiate())).toBe(messages[0]);
    for (let place = 0; place < messages.length; place += 2) {
      expect(toHex(responder.respond(fromHex(messages[place] ?? "")))).toBe(messages[place + 1]);
      const result = initiator.reconcile(fromHex(messages[place + 1] ?? ""));
      have.push(...result.have);
      need.push(...result.need);
      expect(result.output === undefined ? undefined : toHex(result.output)).toBe(messages[place + 2]);
    }
    expect(hexList(have)).toEqual(session.have);
    expect(hexList(need)).toEqual(session.need);
  });
});
