import {
  type BlockRef,
  chunkCount,
  type ContentAddress,
  type ContentWriter,
  GgenError,
  type Logger,
} from "@ggen/p2p-types";

import { checkAddress } from "../address.ts";
import type { Evictor } from "./evictor.ts";
import { FetchState, type LeafFollower, type StoreContext } from "./fetch-state.ts";

/** A writer that can pass on what it checked, so that nobody need read it back from the disk. */
export interface FollowableWriter extends ContentWriter {
  /**
   * Has every leaf told, checked and in order, all of them by the time `finish` has resolved. The bytes must not be
   * changed. Until the writer is closed.
   * @returns false when leaves have gone by already, or the content is complete
   */
  follow(follower: LeafFollower): boolean;
}

/** What {@link WriterPool} needs beside the store. */
export interface WriterPoolOptions {
  readonly maxPackageBytes: number;
  readonly evictor: Evictor;
  readonly logger: Logger;
}

/** Hands out writers, and lets all writers of one content share what they know of it. */
export class WriterPool {
  readonly #context: StoreContext;
  readonly #options: WriterPoolOptions;
  readonly #states = new Map<string, FetchState>();

  constructor(context: StoreContext, options: WriterPoolOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** @throws GgenError `archive.too-large`, `content.mismatch` when the address contradicts itself or what is here */
  async open(content: ContentAddress): Promise<FollowableWriter> {
    const { maxPackageBytes } = this.#options;
    const root = checkAddress(content);
    if (content.size > maxPackageBytes) {
      throw new GgenError("archive.too-large", `Content ${content.cid} is larger than the cap`, {
        expected: `at most ${maxPackageBytes} bytes`,
        got: `${content.size} bytes`,
      });
    }
    this.#checkKnown(content);
    const { usage } = this.#context;
    const done = usage.keep(content.cid);
    usage.touch(content.cid);
    // The size is only a claim until the root is here: two claims do not share a state.
    const key = keyOf(content);
    let state = this.#states.get(key);
    if (state === undefined) {
      state = new FetchState(this.#context, content, root);
      this.#states.set(key, state);
    }
    state.writers += 1;
    const shared = state;
    const close = (): void => {
      done();
      shared.writers -= 1;
      if (shared.writers === 0) {
        shared.end();
        if (this.#states.get(key) === shared) this.#states.delete(key);
      }
      this.#context.blocks.commitSoon();
    };
    try {
      await state.settle();
    } catch (error) {
      close();
      throw error;
    }
    return this.#writer(content, shared, close);
  }

  #checkKnown(content: ContentAddress): void {
    const row = this.#context.rows.content(content.cid);
    if (row === undefined) return;
    const refuse = (expected: string, got: string): GgenError =>
      new GgenError("content.mismatch", `Content ${content.cid} is known otherwise`, { expected, got });
    if (row.size !== content.size) throw refuse(`${row.size} bytes`, `${content.size} bytes`);
    if (row.complete && row.sha256 !== content.sha256) throw refuse(`sha256 ${row.sha256}`, content.sha256);
  }

  #isComplete(content: ContentAddress): boolean {
    const row = this.#context.rows.content(content.cid);
    return row?.complete === true && row.sha256 === content.sha256 && row.size === content.size;
  }

  #writer(content: ContentAddress, state: FetchState, release: () => void): FollowableWriter {
    let closed = false;
    const followers = new Set<LeafFollower>();
    const checkOpen = (): void => {
      if (closed) throw new GgenError("aborted", "The writer of a content was closed");
    };
    const isComplete = (): boolean => this.#isComplete(content);
    const finish = (signal?: AbortSignal): Promise<void> => this.#finish(content, state, signal);
    return {
      content,
      chunks: chunkCount(content.size),
      get complete() {
        return isComplete();
      },
      missing: () => {
        checkOpen();
        return isComplete() ? [] : [...state.missing().values()].map((part) => toBlockRef(part));
      },
      put: async (block, bytes, release) => {
        checkOpen();
        await state.put(block, bytes, release);
      },
      finish: async (signal) => {
        checkOpen();
        await finish(signal);
      },
      follow: (follower) => {
        checkOpen();
        if (isComplete() || !state.follow(follower)) return false;
        followers.add(follower);
        return true;
      },
      close: () => {
        if (closed) return;
        closed = true;
        for (const follower of followers) state.unfollow(follower);
        release();
      },
    };
  }

  async #finish(content: ContentAddress, state: FetchState, signal?: AbortSignal): Promise<void> {
    const { rows, blocks } = this.#context;
    await state.finishing.run(async () => {
      if (this.#isComplete(content)) return;
      this.#checkKnown(content);
      if (state.missing().size > 0) throw state.incomplete();
      await blocks.commit();
      if (state.missing().size > 0) throw blocks.lastFailure ?? state.incomplete();
      const sha256 = await state.sha256(signal);
      if (sha256 !== content.sha256) {
        await this.#dropMismatched(content);
        throw new GgenError("content.mismatch", `Content ${content.cid} does not match its sha256`, {
          expected: content.sha256,
          got: sha256,
        });
      }
      // A chunk may have been found damaged while the whole was read.
      if (state.missing().size > 0) throw state.incomplete();
      rows.transaction(() => rows.setComplete(content.cid, content.sha256));
    });
    await this.#options.evictor.collectQuietly(content.cid);
  }

  /**
   * Its chunks match the CID and only the claimed sha256 is wrong: others who want the same content by its true sha256
   * keep it.
   */
  async #dropMismatched(content: ContentAddress): Promise<void> {
    const { rows, blocks, usage } = this.#context;
    await blocks.deleteUnreferenced(() => {
      if (usage.count(content.cid) > 1 || rows.pins(content.cid).length > 0) return [];
      this.#states.delete(keyOf(content));
      return rows.deleteContent(content.cid);
    });
    this.#options.logger.log("warn", "A content did not match its signed sha256", { cid: content.cid });
  }
}

/** What those who share a state have in common. */
function keyOf({ size, cid }: ContentAddress): string {
  return `${size} ${cid}`;
}

function toBlockRef(part: {
  readonly digest: string;
  readonly node: boolean;
  readonly size: number;
  readonly start: number;
}): BlockRef {
  return { digest: part.digest, kind: part.node ? "node" : "leaf", size: part.size, index: part.start };
}
