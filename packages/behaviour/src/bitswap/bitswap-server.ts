import type { Clock, Logger } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";
import { Uint8ArrayList } from "uint8arraylist";

import type { BandwidthCap } from "../limits/bandwidth.ts";
import { withDeadline } from "../limits/deadline.ts";
import { limits } from "../limits/limits.ts";
import { RateLimiter } from "../limits/rate-limiter.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import { safeSend } from "../stream/safe-send.ts";
import { encodeVarint } from "../wire/varint.ts";
import {
  type BitswapWant,
  decodeWants,
  encodeBlockHead,
  encodePresences,
  maxMessageBytes,
  maxWants,
} from "./bitswap-message.ts";

/** Blocks by what they are, whatever content they belong to. */
export interface BlockSource {
  /** Whether a block is here. @param digest - sha2-256, 64 hexadecimal digits */
  hasBlock(digest: string): boolean;
  /** A block, checked against its digest; undefined when it is not here. */
  findBlock(digest: string): Promise<Uint8Array | undefined>;
}

/** What the server needs. */
export interface BitswapServerComponents {
  readonly blocks: BlockSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly upload: BandwidthCap;
  /** Opens a stream of the protocol to a peer that is connected. */
  open(peerId: string, signal: AbortSignal): Promise<Stream>;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Told of every block that was sent. */
  onSent(bytes: number): void;
}

/**
 * Serves blocks to IPFS nodes over Bitswap 1.2.0. Only serves: what this node fetches comes over its own protocols. A want
 * that cannot be met is answered or forgotten, not kept for later.
 */
export class BitswapServer {
  readonly #components: BitswapServerComponents;
  readonly #rate = new RateLimiter(limits.chunksRate);
  /** What each peer waits for, by CID; a peer has an entry while it is answered. */
  readonly #waiting = new Map<string, Map<string, BitswapWant>>();

  constructor(components: BitswapServerComponents) {
    this.#components = components;
  }

  /** Reads the wantlists of one inbound stream. @throws GgenError `network.protocol` */
  async receive(stream: Stream, peerId: string): Promise<void> {
    const frames = new FrameStream(stream, maxMessageBytes);
    for (;;) {
      const frame = await frames.next(this.#components.signal);
      if (frame === undefined) break;
      this.#note(peerId, decodeWants(frame));
    }
    await frames.close(this.#components.signal);
  }

  #note(peerId: string, wants: readonly BitswapWant[]): void {
    let waiting = this.#waiting.get(peerId);
    const begin = waiting === undefined;
    if (waiting === undefined) {
      if (this.#waiting.size >= limits.activeRequests) return;
      waiting = new Map();
      this.#waiting.set(peerId, waiting);
    }
    for (const want of wants) {
      if (want.kind === "cancel") waiting.delete(want.key);
      else if (waiting.size < maxWants) waiting.set(want.key, want);
    }
    if (begin) void this.#answer(peerId, waiting);
  }

  async #answer(peerId: string, waiting: Map<string, BitswapWant>): Promise<void> {
    try {
      // What came in one message is answered over one stream; what comes meanwhile joins it, or gets the next one.
      while (waiting.size > 0) await this.#sendAll(peerId, waiting);
    } catch (error) {
      this.#components.logger.log("debug", "a Bitswap answer was given up", { peerId, error: String(error) });
    } finally {
      this.#waiting.delete(peerId);
    }
  }

  async #sendAll(peerId: string, waiting: Map<string, BitswapWant>): Promise<void> {
    const { blocks, clock } = this.#components;
    const stream = await withDeadline(clock, limits.requestMs, this.#components.signal, "A Bitswap stream", (signal) =>
      this.#components.open(peerId, signal),
    );
    try {
      while (waiting.size > 0) {
        const wants = [...waiting.values()];
        const presences: { cid: Uint8Array; held: boolean }[] = [];
        for (const { cid, digest, kind, sendDontHave } of wants) {
          const held = digest !== undefined && blocks.hasBlock(digest);
          if (held ? kind === "have" : sendDontHave) presences.push({ cid, held });
        }
        if (presences.length > 0) {
          const message = encodePresences(presences);
          await this.#send(stream, new Uint8ArrayList(encodeVarint(message.byteLength), message));
        }
        for (const want of wants) {
          // It may have been cancelled since.
          if (waiting.get(want.key) !== want) continue;
          waiting.delete(want.key);
          if (want.kind === "block" && want.digest !== undefined) await this.#sendBlock(stream, peerId, want);
        }
      }
      await withDeadline(clock, limits.requestMs, this.#components.signal, "A Bitswap answer", (signal) =>
        stream.close({ signal }),
      );
    } catch (error) {
      stream.abort(error as Error);
      throw error;
    }
  }

  async #sendBlock(stream: Stream, peerId: string, want: BitswapWant): Promise<void> {
    const { blocks, clock, upload } = this.#components;
    if (!this.#rate.allow(peerId, clock.monotonic(), 1)) return;
    const block = await blocks.findBlock(want.digest ?? "");
    if (block === undefined) return;
    const head = encodeBlockHead(want.cid, block.byteLength);
    await this.#send(stream, new Uint8ArrayList(encodeVarint(head.byteLength + block.byteLength), head));
    for (let at = 0; at < block.byteLength; at += upload.sliceBytes) {
      const slice = block.subarray(at, at + upload.sliceBytes);
      const waitMs = upload.reserve(slice.byteLength);
      if (waitMs > 0) await clock.sleep(waitMs);
      await this.#send(stream, slice);
    }
    this.#components.onSent(block.byteLength);
  }

  /** A peer that does not read is given up. */
  async #send(stream: Stream, bytes: Uint8Array | Uint8ArrayList): Promise<void> {
    const { clock } = this.#components;
    await withDeadline(clock, limits.requestMs, this.#components.signal, "Sending a block", (signal) =>
      safeSend(stream, bytes, signal),
    );
  }
}
