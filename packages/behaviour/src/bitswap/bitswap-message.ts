import { toHex } from "@ggen/p2p-types";
import { CID } from "multiformats/cid";

import { encodeVarint } from "../wire/varint.ts";
import { fieldHead, readFields, varintField } from "../wire/protobuf.ts";

/** Most entries of one wantlist that are looked at: what Kubo and Helia keep of a peer. */
export const maxWants = 1024;
/** Largest message in bytes that is read: a full wantlist with long CIDs is a fifth of it. */
export const maxMessageBytes: number = 512 * 1024;

const sha256Code = 0x12;

/** What a peer wants, or wants no more. */
export interface BitswapWant {
  /** The CID's bytes, as the peer sent them. */
  readonly cid: Uint8Array;
  /** The same as text, to compare. */
  readonly key: string;
  /** sha2-256 of the block, 64 hexadecimal digits; undefined for a CID of another hash, of which nothing is here. */
  readonly digest: string | undefined;
  readonly kind: "block" | "have" | "cancel";
  /** Whether to say so when the block is not here. */
  readonly sendDontHave: boolean;
}

/**
 * The wantlist of a Bitswap 1.2.0 message (`Message.wantlist.entries`). Blocks and presences are not read: this node asks
 * for none.
 * @param message - at most {@link maxMessageBytes}
 * @returns at most {@link maxWants}
 * @throws GgenError `network.protocol`
 * @see https://specs.ipfs.tech/bitswap-protocol/
 */
export function decodeWants(message: Uint8Array): readonly BitswapWant[] {
  const wants: BitswapWant[] = [];
  for (const { number, value } of readFields(message)) {
    if (number !== 1 || typeof value === "number") continue;
    for (const entry of readFields(value)) {
      if (entry.number !== 1 || typeof entry.value === "number") continue;
      if (wants.length === maxWants) return wants;
      const want = decodeEntry(entry.value);
      if (want !== undefined) wants.push(want);
    }
  }
  return wants;
}

/** An entry: 1 CID, 2 priority, 3 cancel, 4 want type (0 block, 1 have), 5 send-dont-have. */
function decodeEntry(bytes: Uint8Array): BitswapWant | undefined {
  const numbers = new Map<number, number>();
  let cid: Uint8Array | undefined;
  for (const { number, value } of readFields(bytes)) {
    if (typeof value === "number") numbers.set(number, value);
    else if (number === 1) cid = value;
  }
  if (cid === undefined) return undefined;
  const cancelled = (numbers.get(3) ?? 0) !== 0;
  return {
    cid: new Uint8Array(cid),
    key: toHex(cid),
    digest: digestOf(cid),
    kind: cancelled ? "cancel" : numbers.get(4) === 1 ? "have" : "block",
    sendDontHave: (numbers.get(5) ?? 0) !== 0,
  };
}

function digestOf(bytes: Uint8Array): string | undefined {
  try {
    const { multihash } = CID.decode(bytes);
    return multihash.code === sha256Code && multihash.digest.byteLength === 32 ? toHex(multihash.digest) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The bytes before a block in a message that carries it alone (`Message.payload`): the block follows, and ends the
 * message.
 * @param cid - as it was wanted: the receiver makes the same of prefix and data
 */
export function encodeBlockHead(cid: Uint8Array, blockBytes: number): Uint8Array {
  const { version, code, multihash } = CID.decode(cid);
  const prefix = Buffer.concat([version, code, multihash.code, multihash.size].map((part) => encodeVarint(part)));
  const data = fieldHead(2, blockBytes);
  const payload = prefix.byteLength + 2 + data.byteLength + blockBytes;
  return Buffer.concat([fieldHead(3, payload), fieldHead(1, prefix.byteLength), prefix, data]);
}

/** A message that says of each CID whether its block is here (`Message.blockPresences`). */
export function encodePresences(answers: readonly { readonly cid: Uint8Array; readonly held: boolean }[]): Uint8Array {
  const parts = answers.map(({ cid, held }) => {
    const presence = Buffer.concat([fieldHead(1, cid.byteLength), cid, varintField(2, held ? 0 : 1)]);
    return Buffer.concat([fieldHead(4, presence.byteLength), presence]);
  });
  return Buffer.concat(parts);
}
