import {
  childSizes,
  type Clock,
  chunkSize,
  type ContentStore,
  dagPbCodec,
  decodeNode,
  equalBytes,
  GgenError,
  type OperationId,
  type RandomSource,
  toHex,
} from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";
import { CID } from "multiformats/cid";

import type { RequestGate } from "../limits/request-gate.ts";
import { refusedByUs } from "../node/errors.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import {
  type CopyAnswer,
  decodeCopyAnswer,
  decodeReceiptAnswer,
  decodeReceiptRequest,
  encodeCopyAnswer,
  encodeReceiptAnswer,
  encodeReceiptRequest,
  maxChallengedBlocks,
  maxReceiptFrameBytes,
  possessionProof,
} from "../wire/receipt-messages.ts";

/**
 * Decides about a copy that a peer asks for. What it answers is a promise to nobody; it must not be made to wait.
 * @param operation - id of a release
 * @param peerId - who asks, and so most probably holds it
 */
export type OnCopyAsked = (operation: OperationId, peerId: string) => CopyAnswer;

/** What the proving side needs. */
export interface ReceiptServerComponents {
  readonly contents: ContentStore;
  /** Absent: no copies are taken for others. */
  readonly onCopyAsked?: OnCopyAsked;
  readonly clock: Clock;
  readonly gate: RequestGate;
  /** This node's peer id as multihash bytes. */
  readonly ownPeerId: Uint8Array;
}

/** Answers one `/ggen/receipt/1` stream: one challenge or one request for a copy, one answer. */
export async function serveReceipt(components: ReceiptServerComponents, stream: Stream, peerId: string): Promise<void> {
  const { gate, clock, contents, ownPeerId } = components;
  const frames = new FrameStream(stream, maxReceiptFrameBytes);
  const request = decodeReceiptRequest(await frames.expect());
  if ("copy" in request) {
    if (!gate.rate.allow(peerId, clock.monotonic())) throw refusedByUs("too many requests for copies");
    await frames.send(encodeCopyAnswer(components.onCopyAsked?.(request.copy, peerId) ?? "no"));
    await frames.close();
    return;
  }
  const { cid, nonce, digests } = request;
  if (!gate.rate.allow(peerId, clock.monotonic(), digests.length)) throw refusedByUs("too many challenges");
  const leave = gate.enter(peerId);
  if (leave === undefined) throw refusedByUs("too many requests at once");
  try {
    const proofs: (Uint8Array | null)[] = [];
    for (const digest of digests) {
      const block = await contents.readBlock(cid, digest);
      proofs.push(block === undefined ? null : possessionProof(nonce, ownPeerId, block));
    }
    await frames.send(encodeReceiptAnswer(proofs));
    await frames.close();
  } finally {
    leave();
  }
}

/**
 * Asks a peer to take a copy of what a release holds.
 * @param frames - an open `/ggen/receipt/1` stream
 */
export async function requestCopy(
  frames: FrameStream,
  operation: OperationId,
  signal: AbortSignal,
): Promise<CopyAnswer> {
  await frames.send(encodeReceiptRequest({ copy: operation }), signal);
  const answer = decodeCopyAnswer(await frames.expect(signal));
  await frames.close(signal);
  return answer;
}

/**
 * Challenges a peer to prove that it holds a content which this node holds too: random blocks of it.
 * @param frames - an open `/ggen/receipt/1` stream
 * @param prover - the peer's id as multihash bytes
 * @param cid - complete in `contents`
 * @returns whether every proof is right
 * @throws GgenError `content.missing` when this node cannot check it
 */
export async function challenge(
  components: { readonly contents: ContentStore; readonly random: RandomSource },
  frames: FrameStream,
  prover: Uint8Array,
  cid: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { contents, random } = components;
  const blocks = await pickBlocks(contents, random, cid);
  const nonce = random.bytes(32);
  await frames.send(encodeReceiptRequest({ cid, nonce, digests: [...blocks.keys()] }), signal);
  const proofs = decodeReceiptAnswer(await frames.expect(signal));
  await frames.close(signal);
  const expected = [...blocks.values()].map((block) => possessionProof(nonce, prover, block));
  return (
    proofs.length === expected.length &&
    expected.every((proof, index) => {
      const given = proofs[index];
      return given instanceof Uint8Array && equalBytes(given, proof);
    })
  );
}

/** Some blocks of a content, drawn at random with their bytes. */
async function pickBlocks(
  contents: ContentStore,
  random: RandomSource,
  cid: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const size = contents.stat(cid)?.content.size;
  const blocks = new Map<string, Uint8Array>();
  const draws = size === undefined || size <= chunkSize ? 1 : maxChallengedBlocks / 2;
  for (let draw = 0; draw < draws; draw += 1) {
    const root = CID.parse(cid);
    let entry = { digest: toHex(root.multihash.digest), size: size ?? 0, isNode: root.code === dagPbCodec };
    let block = await contents.readBlock(cid, entry.digest);
    while (block !== undefined && entry.isNode) {
      const children = decodeNode(block, entry.size);
      const child = children[Math.floor(random.number() * childSizes(entry.size).length)];
      if (child === undefined) break;
      const { digest } = child.cid.multihash;
      entry = { digest: toHex(digest), size: child.size, isNode: child.cid.code === dagPbCodec };
      block = await contents.readBlock(cid, entry.digest);
    }
    if (block === undefined) throw new GgenError("content.missing", `The content ${cid} is not here to check against`);
    blocks.set(entry.digest, block);
  }
  return blocks;
}
