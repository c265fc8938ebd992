import type { Clock, Query } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";

import type { RequestGate } from "../limits/request-gate.ts";
import { refusedByUs } from "../node/errors.ts";
import { readEnvelopes } from "../operations/operation-client.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import {
  encodeOperationAnswer,
  maxOperationFrameBytes,
  maxOperationsPerRequest,
  packEnvelopes,
} from "../wire/operation-messages.ts";
import {
  decodeSearchRequest,
  decodeSearchTotal,
  encodeSearchRequest,
  encodeSearchTotal,
  maxSearchRequestBytes,
} from "../wire/search-messages.ts";

/** The answer to a search: records for the asker to verify. */
export interface SearchAnswer {
  /** The releases found, best first, with the records that prove their publishers; at most 512 are sent. */
  readonly envelopes: readonly Uint8Array[];
  /** How many packages match in all, as the answering peer says. */
  readonly total: number;
}

/** Answers a peer's search from the local catalogue. */
export type SearchLocal = (query: Query) => Promise<SearchAnswer>;

/** What the answering side needs. */
export interface SearchServerComponents {
  readonly searchLocal: SearchLocal;
  readonly clock: Clock;
  readonly gate: RequestGate;
}

/** Answers one `/ggen/search/1` stream: one query, one answer. */
export async function serveSearch(components: SearchServerComponents, stream: Stream, peerId: string): Promise<void> {
  const { gate, clock } = components;
  const frames = new FrameStream(stream, maxSearchRequestBytes);
  const query = decodeSearchRequest(await frames.expect());
  if (!gate.rate.allow(peerId, clock.monotonic())) throw refusedByUs("too many searches");
  const leave = gate.enter(peerId);
  if (leave === undefined) throw refusedByUs("too many searches at once");
  try {
    const { envelopes, total } = await components.searchLocal(query);
    await frames.send(encodeSearchTotal(total));
    for (const part of packEnvelopes(envelopes.slice(0, maxOperationsPerRequest))) {
      await frames.send(encodeOperationAnswer({ envelopes: part }));
    }
    await frames.send(encodeOperationAnswer({ end: true, more: envelopes.length > maxOperationsPerRequest }));
    await frames.close();
  } finally {
    leave();
  }
}

/** Asks a peer. @param openStream - opens `/ggen/search/1` */
export async function askSearch(
  openStream: (maxFrameBytes: number) => Promise<FrameStream>,
  query: Query,
  signal: AbortSignal,
): Promise<SearchAnswer> {
  const frames = await openStream(maxOperationFrameBytes);
  await frames.send(encodeSearchRequest(query), signal);
  const total = decodeSearchTotal(await frames.expect(signal));
  const envelopes: Uint8Array[] = [];
  for await (const part of readEnvelopes(frames, maxOperationsPerRequest, signal)) envelopes.push(...part);
  await frames.close(signal);
  return { envelopes, total };
}
