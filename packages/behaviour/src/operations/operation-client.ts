import { GgenError } from "@ggen/p2p-types";

import type { FrameStream } from "../stream/frame-stream.ts";
import {
  decodeOperationAnswer,
  decodePutAnswer,
  encodeOperationRequest,
  type OperationSelector,
  packEnvelopes,
  type PutAnswer,
} from "../wire/operation-messages.ts";

/** Asks for operations by id; the answer is to be read by {@link readEnvelopes}. @param ids - at most 512 */
export async function requestOperations(
  frames: FrameStream,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await frames.send(encodeOperationRequest({ get: ids }), signal);
}

/**
 * Fetches the operations of a publisher or package, oldest first.
 * @param page - `limit`: 1-512; `offset`: how many are left out at the beginning, 0-200,000
 */
export async function listOperations(
  frames: FrameStream,
  selector: OperationSelector,
  { limit, offset }: { readonly limit: number; readonly offset: number },
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  await frames.send(encodeOperationRequest({ selector, limit, offset }), signal);
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
