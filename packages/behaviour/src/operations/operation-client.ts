import { GgenError } from "@ggen/p2p-types";

import type { FrameStream } from "../stream/frame-stream.ts";
import {
  decodeOperationAnswer,
  decodePutAnswer,
  encodeOperationRequest,
  maxOperationsPerRequest,
  type OperationSelector,
  packEnvelopes,
  type PutAnswer,
} from "../wire/operation-messages.ts";

/**
 * Fetches operations by id, batch by batch, with the next batch asked for while one is read.
 * @param frames - an open `/ggen/ops/1` stream
 * @param ids - any number
 * @yields lists of envelopes as they come; ids that the peer does not hold are simply absent
 */
export async function* fetchOperations(
  frames: FrameStream,
  ids: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<readonly Uint8Array[]> {
  const batches: string[][] = [];
  for (let at = 0; at < ids.length; at += maxOperationsPerRequest) {
    batches.push(ids.slice(at, at + maxOperationsPerRequest));
  }
  const ask = async (batch: readonly string[] | undefined): Promise<void> => {
    if (batch !== undefined) await frames.send(encodeOperationRequest({ get: batch }), signal);
  };
  await ask(batches[0]);
  for (const [index, batch] of batches.entries()) {
    await ask(batches[index + 1]);
    yield* readEnvelopes(frames, batch.length, signal);
  }
}

/** Fetches the operations of a publisher or package. @param limit - 1-512 */
export async function listOperations(
  frames: FrameStream,
  selector: OperationSelector,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  await frames.send(encodeOperationRequest({ selector, limit }), signal);
  const envelopes: Uint8Array[] = [];
  for await (const part of readEnvelopes(frames, limit, signal)) envelopes.push(...part);
  return envelopes;
}

/**
 * Reads the answer to one request, frame by frame.
 * @param max - most envelopes that were asked for
 * @yields lists of envelopes, none empty
 * @throws GgenError `network.protocol`
 */
export async function* readEnvelopes(
  frames: FrameStream,
  max: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Uint8Array[]> {
  for (let received = 0; ;) {
    const answer = decodeOperationAnswer(await frames.expect(signal));
    if ("end" in answer) return;
    received += answer.envelopes.length;
    if (received > max || answer.envelopes.length === 0) {
      throw new GgenError("network.protocol", "A peer sent more operations than were asked for", {
        expected: `at most ${max}`,
        got: `${received}`,
      });
    }
    yield answer.envelopes;
  }
}

/**
 * Pushes operations.
 * @returns the peer's counts, summed
 */
export async function pushOperations(
  frames: FrameStream,
  envelopes: Iterable<Uint8Array>,
  signal: AbortSignal,
): Promise<PutAnswer> {
  const sum = { accepted: 0, known: 0, deferred: 0, rejected: 0 };
  for (const put of packEnvelopes(envelopes)) {
    await frames.send(encodeOperationRequest({ put }), signal);
    const answer = decodePutAnswer(await frames.expect(signal));
    sum.accepted += answer.accepted;
    sum.known += answer.known;
    sum.deferred += answer.deferred;
    sum.rejected += answer.rejected;
  }
  return sum;
}
