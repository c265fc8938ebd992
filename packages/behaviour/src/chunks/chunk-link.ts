import { type BlockRef, maxNodeBytes, toGgenError } from "@ggen/p2p-types";

import { createAnswerParser, unasked } from "../wire/answer-parser.ts";
import { type AnswerHeader, encodeChunkRequest, maxBlocksPerRequest } from "../wire/chunk-messages.ts";
import { encodeVarint } from "../wire/varint.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { ChunkWire, ChunkWireEvents } from "./chunk-wire.ts";

/** What a session tells its download. */
export interface ChunkSessionEvents {
  onHave(haveMap: Uint8Array): void;
  onProgress(bytes: number): void;
  /** @param release - for when nobody reads the bytes any more; they are used again then */
  onBlock(block: BlockRef, bytes: Uint8Array, release: () => void): void;
  onMissing(blocks: readonly BlockRef[]): void;
  onBusy(blocks: readonly BlockRef[]): void;
  onRefused(): void;
  /** The wire is over, and the session with it. @param error - absent when it ended in order */
  onClose(error: Error | undefined): void;
}

/** One download's part of a link to a peer. Any number of requests may be outstanding. */
export interface ChunkSession {
  askHave(): void;
  ask(blocks: readonly BlockRef[]): void;
  /** Stops reading for a while. */
  pause(): void;
  resume(): void;
  /** Ends the session; what is still owed to it ends the wire, for nobody wants those bytes. */
  close(): void;
}

interface Pending {
  readonly blocks: readonly BlockRef[];
  readonly events: ChunkSessionEvents;
  left: number;
}

/**
 * The asking side of `/ggen/chunks/1` over one wire, shared by all downloads from its peer: it stays open between them,
 * so that a small content costs one round trip and a large one starts with a grown window.
 */
export class ChunkLink {
  readonly #wire: ChunkWire;
  readonly #pool: BufferPool;
  readonly #pending = new Map<number, Pending>();
  readonly #sessions = new Set<ChunkSessionEvents>();
  readonly #onClosed: (error: Error | undefined) => void;
  #nextRequest = 0;
  #closed = false;
  #isPaused = false;
  #hasMoved = true;

  /**
   * @param open - makes the wire
   * @param onClosed - the link is of no more use; told why, when it did not end in order
   */
  constructor(
    open: (events: ChunkWireEvents) => ChunkWire,
    pool: BufferPool,
    onClosed: (error: Error | undefined) => void,
  ) {
    this.#pool = pool;
    this.#onClosed = onClosed;
    const parser = createAnswerParser({
      onHeader: (header) => this.#checkHeader(header),
      onProgress: (header, bytes) => {
        this.#hasMoved = true;
        this.#pending.get(header.n)?.events.onProgress(bytes);
      },
      onAnswer: (header, payload) => this.#settle(header, payload),
      take: (length) => pool.take(length),
    });
    this.#wire = open({ parser, onEnd: (error) => this.#finish(error) });
  }

  /** Whether no download uses it. */
  get idle(): boolean {
    return this.#sessions.size === 0;
  }

  /** Begins a download from this peer. @param cid - the content */
  session(cid: string, events: ChunkSessionEvents): ChunkSession {
    this.#sessions.add(events);
    if (this.#closed) queueMicrotask(() => this.#end(events, undefined));
    const owes = (): boolean => [...this.#pending.values()].some((request) => request.events === events);
    return {
      askHave: () => this.#request(events, [], (n) => encodeChunkRequest({ n, have: cid })),
      ask: (blocks) => {
        for (let at = 0; at < blocks.length; at += maxBlocksPerRequest) {
          const part = blocks.slice(at, at + maxBlocksPerRequest);
          const get = part.map(({ digest }) => digest);
          this.#request(events, part, (n) => encodeChunkRequest({ n, cid, get }));
        }
      },
      pause: () => {
        this.#isPaused = true;
        if (!this.#closed) this.#wire.pause();
      },
      resume: () => {
        this.#isPaused = false;
        this.#hasMoved = true;
        if (!this.#closed) this.#wire.resume();
      },
      close: () => {
        this.#sessions.delete(events);
        if (owes()) this.abort(new Error("the download is over"));
      },
    };
  }

  /** Whether something was owed and nothing came since this was last asked. */
  isStuck(): boolean {
    const isStuck = !this.#hasMoved && !this.#isPaused && this.#pending.size > 0;
    this.#hasMoved = false;
    return isStuck;
  }

  /** Ends the wire once everything was sent. */
  close(): void {
    if (this.#closed) return;
    this.#wire.close();
    this.#finish(undefined);
  }

  /** Ends the wire at once. */
  abort(reason: Error): void {
    if (this.#closed) return;
    this.#wire.abort(reason);
    this.#finish(reason);
  }

  #request(events: ChunkSessionEvents, blocks: readonly BlockRef[], encode: (n: number) => Uint8Array): void {
    if (this.#closed) return;
    const n = this.#nextRequest;
    this.#nextRequest = (n + 1) % 2 ** 32;
    if (this.#pending.size === 0) this.#hasMoved = true;
    this.#pending.set(n, { blocks, events, left: Math.max(1, blocks.length) });
    const payload = encode(n);
    try {
      this.#wire.send(Buffer.concat([encodeVarint(payload.byteLength), payload]));
    } catch (error) {
      this.abort(toGgenError(error, "network.dial-failed"));
    }
  }

  #owedOf(header: AnswerHeader): Pending {
    const request = this.#pending.get(header.n);
    if (request === undefined) throw unasked(`an answer to request ${header.n}`);
    return request;
  }

  #checkHeader(header: AnswerHeader): void {
    const { blocks } = this.#owedOf(header);
    if (header.kind === "have" && blocks.length > 0) throw unasked("a have-map");
    if (header.kind !== "block") return;
    const block = blocks[header.index];
    if (block === undefined) throw unasked(`block ${header.index} of request ${header.n}`);
    // A leaf's size is signed, a node's is bounded: nothing larger is worth a byte of memory.
    const max = block.kind === "leaf" ? block.size : maxNodeBytes;
    if (header.length > max) throw unasked(`${header.length} bytes for a block of ${max}`);
  }

  #settle(header: AnswerHeader, payload: Uint8Array): void {
    const request = this.#owedOf(header);
    const { blocks, events } = request;
    const block = blocks[header.index];
    request.left -= block === undefined ? request.left : 1;
    if (request.left <= 0) this.#pending.delete(header.n);
    const concerned = block === undefined ? blocks : [block];
    if (header.kind === "have") events.onHave(payload);
    else if (header.kind === "block" && block !== undefined)
      events.onBlock(block, payload, () => this.#pool.give(payload));
    else if (header.kind === "missing") events.onMissing(concerned);
    else if (header.kind === "busy") events.onBusy(concerned);
    else events.onRefused();
  }

  #finish(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pending.clear();
    this.#onClosed(error);
    for (const events of this.#sessions) this.#end(events, error);
  }

  #end(events: ChunkSessionEvents, error: Error | undefined): void {
    if (this.#sessions.delete(events)) events.onClose(error);
  }
}
