import type { Clock, OperationStore } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";

import { limits } from "../limits/limits.ts";
import type { RequestGate } from "../limits/request-gate.ts";
import { refusedByUs } from "../node/errors.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import { reconcileFrameBytes } from "./sync-client.ts";
import type { CreateReconciler } from "./types.ts";

/** What the answering side needs. */
export interface SyncServerComponents {
  readonly operations: OperationStore;
  readonly createReconciler: CreateReconciler;
  readonly clock: Clock;
  readonly gate: RequestGate;
}

/** What a session cost that a peer began. */
export interface ServedSync {
  readonly rounds: number;
  readonly bytes: number;
}

/** Answers one `/ggen/sync/1` stream until its other side ends it, which it does when it has fetched and pushed. */
export async function serveSync(components: SyncServerComponents, stream: Stream, peerId: string): Promise<ServedSync> {
  const { gate, clock, operations } = components;
  if (!gate.rate.allow(peerId, clock.monotonic())) throw refusedByUs("too many reconciliations");
  const leave = gate.enter(peerId);
  if (leave === undefined) throw refusedByUs("too many reconciliations at once");
  try {
    const frames = new FrameStream(stream, limits.syncFrameBytes);
    const reconciler = components.createReconciler(operations.reconcileIndex(), {
      frameLimitBytes: reconcileFrameBytes,
    });
    let rounds = 0;
    let bytes = 0;
    for (let message = await frames.next(); message !== undefined; message = await frames.next()) {
      if (rounds === limits.syncRounds) throw refusedByUs("a reconciliation of too many rounds");
      const answer = reconciler.respond(message);
      rounds += 1;
      bytes += message.byteLength + answer.byteLength;
      await frames.send(answer);
    }
    await frames.close();
    return { rounds, bytes };
  } finally {
    leave();
  }
}
