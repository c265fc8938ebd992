import { chunkSize, GgenError, isContentCid, toHex, fromHex } from "@ggen/p2p-types";
import { CID } from "multiformats/cid";

import { checkBytes, decodeMessage, encodeMessage, invalidMessage } from "./dag-cbor.ts";

/** Largest request frame of `/ggen/chunks/1` in bytes: 64 digests and a CID fit in less. */
export const maxChunkRequestBytes: number = 4 * 1024;
/** Most blocks of one request. */
export const maxBlocksPerRequest = 64;
/** Bytes of an answer's header: kind u8, request u32, index u16, length u32, all big endian. */
export const answerHeaderBytes = 11;
/** The index of an answer that concerns its whole request. */
export const wholeRequest = 0xffff;
/** Largest have-map in bytes: one bit per chunk of a content of 512 GiB. */
export const maxHaveMapBytes: number = 64 * 1024;
const maxRequestNumber = 0xffffffff;

/** A request of `/ggen/chunks/1`. Numbers are chosen by the asker, and come back in the answers. */
export type ChunkRequest = HaveRequest | BlocksRequest;

/** Asks which chunks of a content a peer has. */
export interface HaveRequest {
  readonly n: number;
  readonly have: string;
}

/** Asks for blocks of a content. */
export interface BlocksRequest {
  readonly n: number;
  readonly cid: string;
  readonly get: readonly string[];
}

/** What an answer says, in the order of their numbers on the wire. */
export const answerKinds = ["have", "block", "missing", "refused", "busy"] as const;
/** What an answer says: a have-map, a block, that it is not here, that it is not served, or to ask again later. */
export type AnswerKind = (typeof answerKinds)[number];

/** The fixed header of an answer; `length` bytes follow it. */
export interface AnswerHeader {
  readonly kind: AnswerKind;
  /** The request's number. */
  readonly n: number;
  /** Place in the request's list of digests, or {@link wholeRequest}. */
  readonly index: number;
  /** Bytes of payload: 0 unless the kind is `have` or `block`. */
  readonly length: number;
}

/** Encodes a request. @param request - digests in hexadecimal, CIDs as text */
export function encodeChunkRequest(request: ChunkRequest): Uint8Array {
  return "have" in request
    ? encodeMessage({ n: request.n, have: CID.parse(request.have).bytes })
    : encodeMessage({ n: request.n, cid: CID.parse(request.cid).bytes, get: request.get.map(fromHex) });
}

/** Decodes a request. @throws GgenError `network.protocol` */
export function decodeChunkRequest(bytes: Uint8Array): ChunkRequest {
  const fields = decodeMessage(bytes);
  const n = fields.integer("n", 0, maxRequestNumber);
  let request: ChunkRequest;
  if (fields.has("have")) {
    request = { n, have: readCid(fields.bytes("have", 36, 36), "have") };
  } else {
    const cid = readCid(fields.bytes("cid", 36, 36), "cid");
    const get = fields.list("get", maxBlocksPerRequest, (digest, name) => toHex(checkBytes(digest, name, 32, 32)));
    if (get.length === 0) throw invalidMessage("get", `1-${maxBlocksPerRequest} digests`);
    request = { n, cid, get };
  }
  fields.end();
  return request;
}

function readCid(bytes: Uint8Array, name: string): string {
  let cid: CID;
  try {
    cid = CID.decode(bytes);
  } catch (cause) {
    throw invalidMessage(name, "a CID", cause);
  }
  if (!isContentCid(cid)) throw invalidMessage(name, "a CIDv1, raw or dag-pb, sha2-256");
  return cid.toString();
}

/** Encodes the header of an answer. */
export function encodeAnswerHeader(header: AnswerHeader): Uint8Array {
  const bytes = new Uint8Array(answerHeaderBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, answerKinds.indexOf(header.kind));
  view.setUint32(1, header.n);
  view.setUint16(5, header.index);
  view.setUint32(7, header.length);
  return bytes;
}

/**
 * Decodes the header of an answer.
 * @param bytes - exactly {@link answerHeaderBytes}
 * @throws GgenError `network.protocol` for an unknown kind or a length that the kind never has
 */
export function decodeAnswerHeader(bytes: Uint8Array): AnswerHeader {
  if (bytes.byteLength !== answerHeaderBytes) throw badHeader(`${answerHeaderBytes} bytes`, `${bytes.byteLength}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = answerKinds[view.getUint8(0)];
  if (kind === undefined) throw badHeader(`a kind below ${answerKinds.length}`, `${view.getUint8(0)}`);
  const header = { kind, n: view.getUint32(1), index: view.getUint16(5), length: view.getUint32(7) };
  const max = kind === "block" ? chunkSize : kind === "have" ? maxHaveMapBytes : 0;
  if (header.length > max) throw badHeader(`a ${kind} of at most ${max} bytes`, `${header.length} bytes`);
  return header;
}

function badHeader(expected: string, got: string): GgenError {
  return new GgenError("network.protocol", "A peer sent a malformed chunk header", { expected, got });
}
