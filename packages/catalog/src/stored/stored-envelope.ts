import type { SQLOutputValue } from "node:sqlite";
import { crc32 } from "node:zlib";

import { fromHex, fromPublisherId, type Operation } from "@ggen/p2p-types";

import { Compactor } from "./compact.ts";
import { recordDictionary } from "./dictionary.ts";

const compactor = new Compactor(recordDictionary);
const nothing = new Uint8Array();

/** An envelope as the disk has it. */
export interface StoredEnvelope {
  /** In its short form. */
  readonly envelope: Uint8Array<ArrayBuffer>;
  /** CRC-32 of the envelope itself: enough to see that a bit of it was changed. */
  readonly checksum: number;
}

/**
 * What stands in every operation of one signing key, and is therefore stored once: the publisher and the key, 64 bytes.
 * @returns undefined for an operation of another kind
 */
export function signerContext(operation: Operation): Uint8Array<ArrayBuffer> | undefined {
  if (!("seq" in operation) || operation.type === "revoke") return undefined;
  const context = new Uint8Array(64);
  context.set(fromHex(fromPublisherId(operation.publisher)));
  context.set(fromHex(operation.key), 32);
  return context;
}

/** The form of an envelope on disk. @param context - of its signer */
export function toStored(envelope: Uint8Array, context: Uint8Array | undefined): StoredEnvelope {
  return { envelope: compactor.compact(envelope, context ?? nothing), checksum: checksumOf(envelope) };
}

/** As a signed number: SQLite keeps those in four bytes. */
function checksumOf(envelope: Uint8Array): number {
  return crc32(envelope) | 0;
}

/**
 * The envelope in a row with `envelope`, `checksum` and its signer's `context`.
 * @returns undefined when a bit of it was changed since it was written
 */
export function fromStored(row: Readonly<Record<string, SQLOutputValue>>): Uint8Array<ArrayBuffer> | undefined {
  const { envelope, checksum, context } = row;
  if (!(envelope instanceof Uint8Array)) return undefined;
  try {
    const expanded = compactor.expand(envelope, context instanceof Uint8Array ? context : nothing);
    return checksumOf(expanded) === checksum ? expanded : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
