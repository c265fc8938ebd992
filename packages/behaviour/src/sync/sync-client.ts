import { GgenError, type OperationStore, toHex } from "@ggen/p2p-types";

import { limits } from "../limits/limits.ts";
import type { EvidenceSink } from "../node/evidence.ts";
import { fetchOperations, pushOperations } from "../operations/operation-client.ts";
import type { FrameStream } from "../stream/frame-stream.ts";
import type { CreateReconciler, SyncReport } from "./types.ts";

/** What a reconciliation needs. */
export interface SyncComponents {
  readonly operations: OperationStore;
  readonly createReconciler: CreateReconciler;
  readonly evidence: EvidenceSink;
  openSync(signal: AbortSignal): Promise<FrameStream>;
  openOperations(signal: AbortSignal): Promise<FrameStream>;
}

/** Messages of this size at most, so that an answer never overruns a frame. */
export const reconcileFrameBytes: number = limits.syncFrameBytes / 2;

/**
 * Makes this node's set and a peer's equal: finds the difference over `/ggen/sync/1`, then fetches and pushes over
 * `/ggen/ops/1`.
 * @param peerId - for evidence
 * @throws GgenError `network.protocol`
 */
export async function reconcileWith(
  components: SyncComponents,
  peerId: string,
  signal: AbortSignal,
): Promise<SyncReport> {
  const frames = await components.openSync(signal);
  try {
    const difference = await findDifference(components, frames, signal);
    const moved = await moveDifference(components, difference, peerId, signal);
    // The peer takes the end of this stream for the end of the whole session.
    await frames.close(signal);
    return { ...moved, rounds: difference.rounds, bytes: difference.bytes + moved.bytes };
  } catch (error) {
    frames.abort(error as Error);
    throw error;
  }
}

interface Difference {
  readonly need: readonly string[];
  readonly have: readonly string[];
  readonly rounds: number;
  readonly bytes: number;
}

async function findDifference(
  components: SyncComponents,
  frames: FrameStream,
  signal: AbortSignal,
): Promise<Difference> {
  const reconciler = components.createReconciler(components.operations.reconcileIndex(), {
    frameLimitBytes: reconcileFrameBytes,
  });
  const need = new Set<string>();
  const have = new Set<string>();
  let rounds = 0;
  let bytes = 0;
  let message: Uint8Array | undefined = reconciler.initiate();
  while (message !== undefined) {
    rounds += 1;
    if (rounds > limits.syncRounds) {
      throw new GgenError("network.protocol", "A reconciliation does not end", {
        expected: `at most ${limits.syncRounds} rounds`,
      });
    }
    await frames.send(message, signal);
    const answer = await frames.expect(signal);
    bytes += message.byteLength + answer.byteLength;
    const step = reconciler.reconcile(answer);
    for (const id of step.need) need.add(toHex(id));
    for (const id of step.have) have.add(toHex(id));
    message = step.output;
  }
  return { need: [...need], have: [...have], rounds, bytes };
}

/** Fetches what is needed, and the peer's copies of what is contested; pushes what the peer lacks. */
async function moveDifference(
  components: SyncComponents,
  { need, have }: Difference,
  peerId: string,
  signal: AbortSignal,
): Promise<Omit<SyncReport, "rounds">> {
  const { operations, evidence } = components;
  const contested = operations.contested?.() ?? [];
  if (need.length + have.length + contested.length === 0) return { received: 0, sent: 0, bytes: 0, equal: true };
  const frames = await components.openOperations(signal);
  let received = 0;
  let bytes = 0;
  try {
    for await (const envelopes of fetchOperations(frames, [...need, ...contested], signal)) {
      for (const envelope of envelopes) bytes += envelope.byteLength;
      const report = await operations.accept(envelopes, { via: "sync", peer: peerId });
      received += report.accepted.length;
      const [bad] = report.rejected;
      if (bad !== undefined) {
        evidence.lie(peerId, "gave an operation that is malformed or wrongly signed");
        throw new GgenError("network.protocol", `${peerId} gave an operation that is not valid`, { cause: bad.error });
      }
    }
    const envelopes = operations.envelopes(have);
    for (const envelope of envelopes) bytes += envelope.byteLength;
    const answer = await pushOperations(frames, envelopes, signal);
    await frames.close(signal);
    const equal = answer.deferred + answer.rejected === 0 && need.every((id) => operations.has(id));
    return { received, sent: answer.accepted, bytes, equal };
  } catch (error) {
    frames.abort(error as Error);
    throw error;
  }
}
