import {
  chunkCount,
  type Clock,
  type ContentStore,
  isGgenError,
  type OperationId,
  protocols,
  type Query,
  type RandomSource,
  toGgenError,
} from "@ggen/p2p-types";
import { peerIdFromString } from "@libp2p/peer-id";

import { askHave } from "../chunks/ask-have.ts";
import type { ChunkLinks } from "../chunks/chunk-links.ts";
import { withDeadline } from "../limits/deadline.ts";
import { limits } from "../limits/limits.ts";
import { listOperations, pushOperations } from "../operations/operation-client.ts";
import { challenge, requestCopy } from "../receipt/receipt.ts";
import { askSearch, type SearchAnswer } from "../search/search.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import {
  maxOperationFrameBytes,
  maxOperationsPerRequest,
  type OperationSelector,
  type PutAnswer,
} from "../wire/operation-messages.ts";
import { type CopyAnswer, maxReceiptFrameBytes } from "../wire/receipt-messages.ts";
import { toNetworkError } from "./errors.ts";
import type { EvidenceSink } from "./evidence.ts";
import type { PeerStreams } from "./peer-streams.ts";

/** Ends the stream of what was answered; one for all, since an abort without a reason makes an exception each time. */
const answered = new Error("answered");

/** What requests need. */
export interface PeerRequestsComponents {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly contents: ContentStore;
  readonly evidence: EvidenceSink;
  readonly links: Pick<ChunkLinks, "session">;
  readonly streams: PeerStreams;
}

/** Single requests to a peer, each with a time limit; how those went that take a stream of their own is evidence. */
export class PeerRequests {
  readonly #components: PeerRequestsComponents;
  #latencyMs = 0;

  constructor(components: PeerRequestsComponents) {
    this.#components = components;
  }

  /** Smoothed time of a request in milliseconds; 0 before the first. */
  get latencyMs(): number {
    return this.#latencyMs;
  }

  operationsOf(
    peerId: string,
    selector: OperationSelector,
    signal: AbortSignal,
    { limit = maxOperationsPerRequest, offset = 0 }: { readonly limit?: number; readonly offset?: number } = {},
  ): Promise<Uint8Array[]> {
    return this.#request(peerId, "operations", signal, async (combined) => {
      const frames = await this.#open(peerId, protocols.operations, maxOperationFrameBytes, combined);
      const envelopes = await listOperations(frames, selector, { limit, offset }, combined);
      await frames.close(combined);
      return envelopes;
    });
  }

  push(peerId: string, envelopes: readonly Uint8Array[], signal: AbortSignal): Promise<PutAnswer> {
    return this.#request(peerId, "a push of operations", signal, async (combined) => {
      const frames = await this.#open(peerId, protocols.operations, maxOperationFrameBytes, combined);
      const answer = await pushOperations(frames, envelopes, combined);
      await frames.close(combined);
      return answer;
    });
  }

  /** Pushes one operation to several peers at once. @returns how many answered */
  async pushToAll(peerIds: readonly string[], envelope: Uint8Array, signal: AbortSignal): Promise<number> {
    const pushes = await Promise.allSettled(peerIds.map((peerId) => this.push(peerId, [envelope], signal)));
    return pushes.filter(({ status }) => status === "fulfilled").length;
  }

  search(peerId: string, query: Query, signal: AbortSignal): Promise<SearchAnswer> {
    return this.#request(peerId, "a search", signal, (combined) =>
      askSearch((maxBytes) => this.#open(peerId, protocols.search, maxBytes, combined), query, combined),
    );
  }

  askReceipt(peerId: string, cid: string, signal: AbortSignal): Promise<boolean> {
    return this.#request(peerId, "a challenge", signal, async (combined) => {
      const frames = await this.#open(peerId, protocols.receipt, maxReceiptFrameBytes, combined);
      return challenge(this.#components, frames, peerIdFromString(peerId).toMultihash().bytes, cid, combined);
    });
  }

  askCopy(peerId: string, operation: OperationId, signal: AbortSignal): Promise<CopyAnswer> {
    return this.#request(peerId, "a copy", signal, async (combined) => {
      const frames = await this.#open(peerId, protocols.receipt, maxReceiptFrameBytes, combined);
      return requestCopy(frames, operation, combined);
    });
  }

  /** Whether a peer holds a whole content; asked over the stream that downloads use too. */
  async holds(
    peerId: string,
    { cid, size }: { readonly cid: string; readonly size: number },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { clock, links } = this.#components;
    return withDeadline(clock, limits.requestMs, signal, `A question to ${peerId}`, (combined) =>
      askHave(links, peerId, cid, chunkCount(size), combined),
    );
  }

  async #open(peerId: string, protocol: string, maxBytes: number, signal: AbortSignal): Promise<FrameStream> {
    const stream = await this.#components.streams.open(peerId, protocol, signal);
    const frames = new FrameStream(stream, maxBytes);
    // Whatever ends the request early ends the stream with it.
    signal.addEventListener("abort", () => frames.abort(signal.reason as Error), { once: true });
    return frames;
  }

  async #request<T>(
    peerId: string,
    what: string,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock, evidence } = this.#components;
    const startMs = clock.monotonic();
    const over = new AbortController();
    const combined = AbortSignal.any([signal, over.signal]);
    try {
      const name = `A request for ${what} to ${peerId}`;
      const result = await withDeadline(clock, limits.requestMs, combined, name, run);
      // A peer that does not end its side would keep a window of memory for as long as it likes.
      over.abort(answered);
      const ms = clock.monotonic() - startMs;
      this.#latencyMs = this.#latencyMs === 0 ? ms : 0.8 * this.#latencyMs + 0.2 * ms;
      evidence.success(peerId, { ms, bytes: 0 });
      return result;
    } catch (error) {
      if (signal.aborted) throw toGgenError(signal.reason, "aborted");
      over.abort(error);
      const failure = isGgenError(error) ? error : toNetworkError(error, peerId);
      if (failure.code !== "content.missing" && failure.code !== "aborted") evidence.failure(peerId, failure.code);
      throw failure;
    }
  }
}
