import { setImmediate as nextTurn } from "node:timers/promises";

import { type Clock, GgenError, type OperationStore } from "@ggen/p2p-types";

import { limits } from "../limits/limits.ts";
import type { EvidenceSink } from "../node/evidence.ts";
import { pushOperations } from "../operations/operation-client.ts";
import type { FrameStream } from "../stream/frame-stream.ts";
import { maxOperationsPerRequest } from "../wire/operation-messages.ts";
import { fetchWanted } from "./fetch-wanted.ts";
import { PackedIds } from "./packed-ids.ts";
import type { SyncProgressBook } from "./sync-progress.ts";
import type { CreateReconciler, SyncReport } from "./types.ts";
import type { WantedOperations } from "./wanted-operations.ts";

/** What a reconciliation needs. */
export interface SyncComponents {
  readonly operations: OperationStore;
  readonly createReconciler: CreateReconciler;
  readonly evidence: EvidenceSink;
  readonly clock: Clock;
  /** Shared by all sessions of a node. */
  readonly wanted: WantedOperations;
  readonly progress: SyncProgressBook;
  /** Told whenever the session gets on. */
  readonly onMoved: () => void;
  openSync(signal: AbortSignal): Promise<FrameStream>;
  openOperations(signal: AbortSignal): Promise<FrameStream>;
}

/** A message without ranges: asks for nothing, and is answered by the same. */
const emptyMessage = Uint8Array.of(0x61);

/** Messages of this size at most, so that an answer never overruns a frame. */
export const reconcileFrameBytes: number = limits.syncFrameBytes / 2;

/** Ids that a peer may list before it has to give what it lists: it could list without end. About 30 MB. */
const maxListed = 262_144;

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
    const total = { received: 0, sent: 0, rounds: 0, bytes: 0 };
    for (;;) {
      const difference = await findDifference(components, frames, total.rounds, signal);
      const moved = await moveDifference(components, frames, difference, peerId, signal);
      total.received += moved.received;
      total.sent += moved.sent;
      total.rounds = difference.rounds;
      total.bytes += difference.bytes + moved.bytes;
      if (!difference.isCut) {
        // The peer takes the end of this stream for the end of the whole session.
        await frames.close(signal);
        return { ...total, equal: moved.equal };
      }
      if (moved.received === 0 && moved.putOff) {
        // What this node has no room for keeps it from seeing what is listed behind it. Nobody did wrong.
        await frames.close(signal);
        return { ...total, equal: false };
      }
      if (moved.received === 0) {
        throw new GgenError("network.protocol", `${peerId} lists more operations than it gives`, {
          expected: `some of ${difference.need.count} that it listed`,
          got: "none that is new",
        });
      }
    }
  } catch (error) {
    frames.abort(error as Error);
    throw error;
  }
}

interface Difference {
  readonly need: PackedIds;
  readonly have: PackedIds;
  /** Whether there is more to compare once this is fetched. */
  readonly isCut: boolean;
  /** Of the whole session. */
  readonly rounds: number;
  readonly bytes: number;
}

async function findDifference(
  components: SyncComponents,
  frames: FrameStream,
  roundsBefore: number,
  signal: AbortSignal,
): Promise<Difference> {
  const reconciler = components.createReconciler(components.operations.reconcileIndex(), {
    frameLimitBytes: reconcileFrameBytes,
  });
  const need = new PackedIds();
  const have = new PackedIds();
  let rounds = roundsBefore;
  let bytes = 0;
  let message: Uint8Array | undefined = reconciler.initiate();
  while (message !== undefined && need.count < maxListed) {
    rounds += 1;
    if (rounds > limits.syncRounds) {
      throw new GgenError("network.protocol", "A reconciliation does not end", {
        expected: `at most ${limits.syncRounds} rounds`,
      });
    }
    await frames.send(message, signal);
    const answer = await frames.expect(signal);
    components.onMoved();
    bytes += message.byteLength + answer.byteLength;
    const step = reconciler.reconcile(answer);
    for (const id of step.need) need.push(id);
    for (const id of step.have) have.push(id);
    message = step.output;
  }
  return { need, have, isCut: message !== undefined, rounds, bytes };
}

/** Fetches what is needed, and the peer's copies of what is contested; pushes what the peer lacks. */
async function moveDifference(
  components: SyncComponents,
  syncFrames: FrameStream,
  { need, have }: Difference,
  peerId: string,
  signal: AbortSignal,
): Promise<Omit<SyncReport, "rounds"> & { readonly putOff: boolean }> {
  const { operations } = components;
  const contested = operations.contested?.() ?? [];
  if (need.count + have.count + contested.length === 0)
    return { received: 0, sent: 0, bytes: 0, equal: true, putOff: false };
  const frames = await components.openOperations(signal);
  const progress = components.progress.begin(need.count);
  const stopKeeping = keepOpen(components.clock, syncFrames, signal);
  try {
    const onReceived = (count: number): void => {
      progress.received(count);
      components.onMoved();
    };
    const fetched = await fetchWanted(
      { ...components, onReceived },
      frames,
      { needed: need, contested },
      peerId,
      signal,
    );
    // Then there is nothing to look up.
    const isAll = contested.length === 0 && !fetched.putOff && fetched.received === need.count;
    const pushed = await pushMissing(components, frames, have, signal);
    await frames.close(signal);
    return {
      received: fetched.received,
      sent: pushed.sent,
      bytes: fetched.bytes + pushed.bytes,
      putOff: fetched.putOff,
      equal: pushed.complete && (isAll || (await holdsAll(operations, need))),
    };
  } catch (error) {
    frames.abort(error as Error);
    throw error;
  } finally {
    await stopKeeping();
    progress.end();
  }
}

async function pushMissing(
  { operations, onMoved }: SyncComponents,
  frames: FrameStream,
  have: PackedIds,
  signal: AbortSignal,
): Promise<{ sent: number; bytes: number; complete: boolean }> {
  let sent = 0;
  let bytes = 0;
  let refused = 0;
  const end = Math.min(have.count, limits.pushedPerSync);
  for (let from = 0; from < end; from += maxOperationsPerRequest) {
    const envelopes = operations.envelopes(have.slice(from, Math.min(end, from + maxOperationsPerRequest)));
    for (const envelope of envelopes) bytes += envelope.byteLength;
    const answer = await pushOperations(frames, envelopes, signal);
    onMoved();
    sent += answer.accepted;
    refused += answer.deferred + answer.rejected;
  }
  return { sent, bytes, complete: refused === 0 && end === have.count };
}

async function holdsAll(operations: OperationStore, ids: PackedIds): Promise<boolean> {
  for (let from = 0; from < ids.count; from += maxOperationsPerRequest) {
    if (from > 0) await nextTurn();
    if (!ids.slice(from, from + maxOperationsPerRequest).every((id) => operations.has(id))) return false;
  }
  return true;
}

/**
 * Lets the peer know, on a stream where nothing else happens, that this side is still there: by a message without ranges,
 * which it answers with one.
 * @returns stops it; resolves when no answer is outstanding
 */
function keepOpen(clock: Clock, frames: FrameStream, signal: AbortSignal): () => Promise<void> {
  let pending: Promise<unknown> = Promise.resolve();
  const stop = clock.every(limits.idleStreamMs / 3, () => {
    pending = pending.then(async () => {
      await frames.send(emptyMessage, signal);
      await frames.expect(signal);
    });
    pending.catch(() => {});
  });
  return async () => {
    stop();
    await pending.catch(() => {});
  };
}
