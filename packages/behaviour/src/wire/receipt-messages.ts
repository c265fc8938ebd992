import { createHash } from "node:crypto";

import { fromHex, isContentCid, type OperationId, toHex } from "@ggen/p2p-types";
import { CID } from "multiformats/cid";

import { checkBytes, decodeMessage, encodeMessage, invalidMessage } from "./dag-cbor.ts";

/** Largest frame of `/ggen/receipt/1` in bytes, either way. */
export const maxReceiptFrameBytes = 1024;
/** Most blocks of one challenge. */
export const maxChallengedBlocks = 8;
const domain = new TextEncoder().encode("ggen/receipt/v1\0");

/** A challenge: prove that you hold these blocks of this content now. */
export interface ChallengeRequest {
  readonly cid: string;
  /** 32 random bytes. */
  readonly nonce: Uint8Array;
  /** sha2-256 of 1-8 blocks, in hexadecimal. */
  readonly digests: readonly string[];
}

/** A request to take a copy of what a release holds. */
export interface CopyRequest {
  /** Id of the release operation. */
  readonly copy: OperationId;
}

/** What begins a stream. */
export type ReceiptRequest = ChallengeRequest | CopyRequest;

const copyAnswers = ["held", "coming", "unknown", "no"] as const;

/**
 * What a peer says to a request for a copy: it is here already (a claim, to be challenged), it will be fetched, the
 * release is not known here yet, or it is not taken.
 */
export type CopyAnswer = (typeof copyAnswers)[number];

/** Encodes a challenge or a request for a copy. */
export function encodeReceiptRequest(request: ReceiptRequest): Uint8Array {
  if ("copy" in request) return encodeMessage({ copy: fromHex(request.copy) });
  return encodeMessage({
    cid: CID.parse(request.cid).bytes,
    nonce: request.nonce,
    digests: request.digests.map(fromHex),
  });
}

/** Decodes a challenge or a request for a copy. @throws GgenError `network.protocol` */
export function decodeReceiptRequest(bytes: Uint8Array): ReceiptRequest {
  const fields = decodeMessage(bytes);
  if (fields.has("copy")) {
    const copy = toHex(fields.bytes("copy", 32, 32));
    fields.end();
    return { copy };
  }
  const cidBytes = fields.bytes("cid", 36, 36);
  const nonce = fields.bytes("nonce", 32, 32);
  const digests = fields.list("digests", maxChallengedBlocks, (item, name) => toHex(checkBytes(item, name, 32, 32)));
  fields.end();
  let cid: CID;
  try {
    cid = CID.decode(cidBytes);
  } catch (cause) {
    throw invalidMessage("cid", "a CID", cause);
  }
  if (!isContentCid(cid)) throw invalidMessage("cid", "a CIDv1, raw or dag-pb, sha2-256");
  if (digests.length === 0) throw invalidMessage("digests", `1-${maxChallengedBlocks} digests`);
  return { cid: cid.toString(), nonce, digests };
}

/** Encodes the answer: a proof per block in the order asked, null where the block is not held. */
export function encodeReceiptAnswer(proofs: readonly (Uint8Array | null)[]): Uint8Array {
  return encodeMessage({ proofs });
}

/** Decodes the answer. @throws GgenError `network.protocol` */
export function decodeReceiptAnswer(bytes: Uint8Array): (Uint8Array | null)[] {
  const fields = decodeMessage(bytes);
  const proofs = fields.list("proofs", maxChallengedBlocks, (item, name) =>
    item === null ? null : checkBytes(item, name, 32, 32),
  );
  fields.end();
  return proofs;
}

/** Encodes the answer to a request for a copy. */
export function encodeCopyAnswer(answer: CopyAnswer): Uint8Array {
  return encodeMessage({ copy: answer });
}

/** Decodes the answer to a request for a copy. @throws GgenError `network.protocol` */
export function decodeCopyAnswer(bytes: Uint8Array): CopyAnswer {
  const fields = decodeMessage(bytes);
  const text = fields.text("copy", 16);
  fields.end();
  const answer = copyAnswers.find((known) => known === text);
  if (answer === undefined) throw invalidMessage("copy", `one of ${copyAnswers.join(", ")}`);
  return answer;
}

/**
 * The proof that a peer holds a block: sha2-256 over the domain, the nonce, the peer's id and the block. The peer's id
 * keeps one holder's proof from standing for another's.
 * @param nonce - 32 bytes
 * @param peerId - the prover's peer id as multihash bytes
 * @param block - the block's bytes
 */
export function possessionProof(nonce: Uint8Array, peerId: Uint8Array, block: Uint8Array): Uint8Array {
  const hash = createHash("sha256").update(domain).update(nonce).update(peerId).update(block);
  return new Uint8Array(hash.digest());
}
