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

/** Answers one `/ggen/sync/1` stream until its other side ends it. */
export async function serveSync(components: SyncServerComponents, stream: Stream, peerId: string): Promise<void> {
  const { gate, clock, operations } = components;
  if (!gate.rate.allow(peerId, clock.monotonic())) throw refusedByUs("too many reconciliations");
  const leave = gate.enter(peerId);
  if (leave === undefined) throw refusedByUs("too many reconciliations at once");
  try {
    const frames = new FrameStream(stream, limits.syncFrameBytes);
    const reconciler = components.createReconciler(operations.reconcileIndex(), {
      frameLimitBytes: reconcileFrameBytes,
    });
    for (let rounds = 0; ; rounds += 1) {
      const message = await frames.next();
      if (message === undefined) break;
      if (rounds === limits.syncRounds) throw refusedByUs("a reconciliation of too many rounds");
      await frames.send(reconciler.respond(message));
    }
    await frames.close();
  } finally {
    leave();
  }
}
