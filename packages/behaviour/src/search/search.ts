import type { Clock, Query } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";

import type { RequestGate } from "../limits/request-gate.ts";
import { refusedByUs } from "../node/errors.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import {
  decodeSearchAnswer,
  decodeSearchRequest,
  encodeSearchAnswer,
  encodeSearchRequest,
  maxSearchAnswerBytes,
  maxSearchRequestBytes,
  type SearchAnswer,
} from "../wire/search-messages.ts";

/** Answers a peer's search from the local catalogue: signed release records, best first. */
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
    await frames.send(encodeSearchAnswer(await components.searchLocal(query)));
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
  const frames = await openStream(maxSearchAnswerBytes);
  await frames.send(encodeSearchRequest(query), signal);
  const answer = decodeSearchAnswer(await frames.expect(signal));
  await frames.close(signal);
  return answer;
}
