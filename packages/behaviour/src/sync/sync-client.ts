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
  const { operations, evidence } = components;
  const difference = await findDifference(components, signal);
  const { need, have } = difference;
  let { bytes } = difference;
  let received = 0;
  let sent = 0;
  let equal = true;
  if (need.length > 0 || have.length > 0) {
    const frames = await components.openOperations(signal);
    try {
      for await (const envelopes of fetchOperations(frames, need, signal)) {
        for (const envelope of envelopes) bytes += envelope.byteLength;
        const report = await operations.accept(envelopes, { via: "sync", peer: peerId });
        received += report.accepted.length;
        if (report.deferred.length > 0) equal = false;
        const [bad] = report.rejected;
        if (bad !== undefined) {
          evidence.lie(peerId, "gave an operation that is malformed or wrongly signed");
          throw new GgenError("network.protocol", `${peerId} gave an operation that is not valid`, {
            cause: bad.error,
          });
        }
      }
      const envelopes = operations.envelopes(have);
      for (const envelope of envelopes) bytes += envelope.byteLength;
      const answer = await pushOperations(frames, envelopes, signal);
      sent = answer.accepted;
      if (answer.deferred + answer.rejected > 0) equal = false;
      if (received < need.length) equal = equal && need.every((id) => operations.has(id));
      await frames.close(signal);
    } catch (error) {
      frames.abort(error as Error);
      throw error;
    }
  }
  return { received, sent, rounds: difference.rounds, bytes, equal };
}

interface Difference {
  readonly need: string[];
  readonly have: string[];
  readonly rounds: number;
  readonly bytes: number;
}

async function findDifference(components: SyncComponents, signal: AbortSignal): Promise<Difference> {
  const reconciler = components.createReconciler(components.operations.reconcileIndex(), {
    frameLimitBytes: reconcileFrameBytes,
  });
  const need = new Set<string>();
  const have = new Set<string>();
  const frames = await components.openSync(signal);
  let rounds = 0;
  let bytes = 0;
  try {
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
    await frames.close(signal);
  } catch (error) {
    frames.abort(error as Error);
    throw error;
  }
  return { need: [...need], have: [...have], rounds, bytes };
}
