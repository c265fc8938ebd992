import type { Clock, OperationStore } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";

import { limits } from "../limits/limits.ts";
import type { RequestGate } from "../limits/request-gate.ts";
import { RateLimiter } from "../limits/rate-limiter.ts";
import type { EvidenceSink } from "../node/evidence.ts";
import { refusedByUs } from "../node/errors.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import {
  decodeOperationRequest,
  encodeOperationAnswer,
  encodePutAnswer,
  maxOperationFrameBytes,
  maxOperationsPerRequest,
  type OperationRequest,
  packEnvelopes,
} from "../wire/operation-messages.ts";

/** What the server of operations needs. */
export interface OperationServerComponents {
  readonly operations: OperationStore;
  readonly clock: Clock;
  readonly gate: RequestGate;
  readonly evidence: EvidenceSink;
  /** Told of a few operations that a peer pushed and that were news. */
  readonly onPushed: (envelopes: readonly Uint8Array[]) => void;
  /** Told of a peer that pushed as much as one session may: it likely has more. */
  readonly onPushedMany: (peerId: string) => void;
}

/** A push of up to this many is an announcement and is passed on; more is a reconciliation. */
const maxAnnounced = 8;

/** Answers `/ggen/ops/1` streams. */
export function createOperationServer(
  components: OperationServerComponents,
): (stream: Stream, peerId: string) => Promise<void> {
  const { operations, clock, gate, evidence } = components;
  const putRate = new RateLimiter(limits.putRate);

  const answerPut = async (put: readonly Uint8Array[], peerId: string): Promise<Uint8Array> => {
    if (!putRate.allow(peerId, clock.monotonic(), put.length)) throw refusedByUs("too many pushed operations");
    const report = await operations.accept(put, { via: "sync", peer: peerId });
    if (report.rejected.length > 0) evidence.lie(peerId, "pushed an operation that is malformed or wrongly signed");
    if (put.length <= maxAnnounced && report.accepted.length > 0) {
      components.onPushed(operations.envelopes(report.accepted));
    }
    return encodePutAnswer({
      accepted: report.accepted.length,
      known: report.known.length,
      deferred: report.deferred.length,
      rejected: report.rejected.length,
    });
  };
  const answer = async (frames: FrameStream, request: OperationRequest, peerId: string): Promise<void> => {
    if ("put" in request) {
      await frames.send(await answerPut(request.put, peerId));
      return;
    }
    let ids: readonly string[];
    let more = false;
    if ("get" in request) {
      ids = request.get;
    } else {
      const { selector, limit, offset = 0 } = request;
      // What is left out is read all the same, and costs as if it had been asked for.
      if (!gate.rate.allow(peerId, clock.monotonic(), Math.ceil(offset / maxOperationsPerRequest))) {
        throw refusedByUs("too many requests of operations");
      }
      const found = operations.idsOf(selector, offset + limit + 1);
      ids = found.slice(offset, offset + limit);
      more = found.length > offset + limit;
    }
    for (const envelopes of packEnvelopes(operations.envelopes(ids))) {
      await frames.send(encodeOperationAnswer({ envelopes }));
    }
    await frames.send(encodeOperationAnswer({ end: true, more }));
  };

  return async (stream, peerId) => {
    const frames = new FrameStream(stream, maxOperationFrameBytes);
    let pushed = 0;
    for (let frame = await frames.next(); frame !== undefined; frame = await frames.next()) {
      const request = decodeOperationRequest(frame);
      if (!gate.rate.allow(peerId, clock.monotonic())) throw refusedByUs("too many requests of operations");
      if ("put" in request) pushed += request.put.length;
      const leave = gate.enter(peerId);
      if (leave === undefined) throw refusedByUs("too many requests at once");
      try {
        await answer(frames, request, peerId);
      } finally {
        leave();
      }
    }
    await frames.close();
    if (pushed >= limits.pushedPerSync) components.onPushedMany(peerId);
  };
}
