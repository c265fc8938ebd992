import { hash } from "node:crypto";

import { type BlockRef, type ContentAddress, GgenError, maxNodeBytes } from "@ggen/p2p-types";

import type { ContentRoot } from "../address.ts";
import type { PartRow, StoreRows } from "../database/rows.ts";
import type { PageBuffers } from "../files/page-buffers.ts";
import type { HashThread } from "../hash/hash-thread.ts";
import { createRunningHash, type RunningHash } from "../hash/running-hash.ts";
import { createMutex, type Mutex } from "../mutex.ts";
import type { BlockStore } from "./block-store.ts";
import { childParts, rootPart } from "./parts.ts";
import type { Usage } from "./usage.ts";

/** What the parts of the store share. */
export interface StoreContext {
  readonly rows: StoreRows;
  readonly blocks: BlockStore;
  readonly usage: Usage;
  readonly pages: PageBuffers;
  readonly hashes: HashThread;
}

/** Told of leaves. */
export type LeafFollower = (leaf: Uint8Array) => void;

/** A checked leaf that is waiting for an earlier one. */
interface WaitingLeaf {
  readonly bytes: Uint8Array;
  /** The same for those who keep it. */
  readonly told: Uint8Array;
  /** The hash has passed over it. */
  readonly onHashed: () => void;
}

/** Leaves of 1 MiB that may wait for an earlier one. */
const maxAhead = 32;

function keyOf({ level, start }: Pick<PartRow, "level" | "start">): string {
  return `${level}/${start}`;
}

function mismatch(message: string, expected: string, got: string): GgenError {
  return new GgenError("content.mismatch", message, { expected, got });
}

/**
 * A content that is being fetched, shared by all its writers: the tree as far as it is known, and a hash of the whole
 * that runs along while leaves come in order.
 */
export class FetchState {
  /** One `finish` at a time. */
  readonly finishing: Mutex = createMutex();
  /** Writers that have it open. */
  writers = 0;
  readonly #context: StoreContext;
  readonly #address: ContentAddress;
  readonly #parts: PartRow[];
  readonly #expanded = new Set<string>();
  #rowId: number | undefined;
  #missing = new Map<string, PartRow>();
  /** Of the blocks when `#missing` was made; undefined when the tree has grown since. */
  #missingRevision: number | undefined;
  #hash: RunningHash;
  #hashedLeaves = 0;
  /** Leaves that the followers know. */
  #toldLeaves = 0;
  /** Checked leaves that came before their turn, by number; what does not fit is read back from the disk later. */
  readonly #ahead = new Map<number, WaitingLeaf>();
  readonly #followers = new Set<LeafFollower>();

  constructor(context: StoreContext, address: ContentAddress, root: ContentRoot) {
    this.#context = context;
    this.#address = address;
    this.#hash = context.hashes.begin(address.size);
    const row = context.rows.content(address.cid);
    this.#rowId = row?.id;
    this.#parts = row === undefined ? [rootPart(root, address.size)] : context.rows.parts(row.id);
    const known = new Set(this.#parts.map((part) => keyOf(part)));
    for (const part of this.#parts) {
      if (known.has(keyOf({ level: part.level + 1, start: part.start }))) this.#expanded.add(keyOf(part));
    }
  }

  /** Looks at blocks that are here for other reasons: nodes among them tell more of the tree. */
  async settle(): Promise<void> {
    const { blocks } = this.#context;
    // The list grows while it is walked.
    for (const part of this.#parts) {
      if (!part.node) {
        // A leaf below a node was learned with it.
        if (part.level === 0 && this.#isHere(part)) this.#learn(part, []);
        continue;
      }
      if (this.#expanded.has(keyOf(part))) continue;
      const block = await blocks.read(part.digest);
      if (block === undefined) continue;
      try {
        this.#learn(part, childParts(part, block));
      } catch {
        // Not a node of this content, whatever it is elsewhere: it stays missing, and whoever sends it is told.
      }
    }
  }

  #isHere(part: PartRow): boolean {
    const bytes = this.#context.blocks.bytesOf(part.digest);
    return part.node ? bytes !== undefined && this.#expanded.has(keyOf(part)) : bytes === part.size;
  }

  /** Blocks that can be asked for and are not here, each digest once. */
  missing(): ReadonlyMap<string, PartRow> {
    const { revision } = this.#context.blocks;
    if (this.#missingRevision !== revision) {
      this.#missing = new Map();
      this.#missingRevision = revision;
      for (const part of this.#parts) {
        if (!this.#missing.has(part.digest) && !this.#isHere(part)) this.#missing.set(part.digest, part);
      }
    }
    return this.#missing;
  }

  /** Records a checked part of the tree and what it names. */
  #learn(part: PartRow, children: readonly PartRow[]): void {
    const { rows, usage } = this.#context;
    if (part.node ? this.#expanded.has(keyOf(part)) : this.#rowId !== undefined) return;
    // Nothing is promised before `finish`, whose commit comes after this one in the log.
    rows.transaction(() => {
      this.#rowId ??= rows.insertContent(this.#address, [part], usage.touch(this.#address.cid));
      rows.insertParts(this.#rowId, children);
    }, true);
    this.#expanded.add(keyOf(part));
    this.#parts.push(...children);
    this.#parts.sort((a, b) => a.level - b.level || a.start - b.start);
    this.#missingRevision = undefined;
  }

  /** See `ContentWriter.put`. */
  async put(block: BlockRef, bytes: Uint8Array, release?: () => void): Promise<void> {
    const { digest, kind, size, index } = block;
    const isAsked = (part: PartRow): boolean =>
      part.digest === digest && part.node === (kind === "node") && part.size === size && part.start === index;
    const part = this.#parts.find((candidate) => isAsked(candidate));
    if (part === undefined) {
      throw mismatch("A block is not part of the content", `a block of ${this.#address.cid}`, digest.slice(0, 64));
    }
    if (this.#isHere(part)) {
      // Another put of it may still be waiting for the disk: it is here all the same.
      this.#missing.delete(digest);
      release?.();
      return;
    }
    // Sizes come first: a peer must not choose how much is hashed.
    if (part.node ? bytes.byteLength > maxNodeBytes : bytes.byteLength !== size) {
      const expected = part.node ? `at most ${maxNodeBytes} bytes` : `${size} bytes`;
      throw mismatch("A block has the wrong size", expected, `${bytes.byteLength} bytes`);
    }
    const got = hash("sha256", bytes, "hex");
    if (got !== digest) throw mismatch("A block does not match its digest", digest, got);
    this.#learn(part, part.node ? childParts(part, bytes) : []);
    if (part.node) {
      await this.#context.blocks.stage(digest, bytes, false, release);
    } else {
      await this.#putLeaf(part, bytes, release);
    }
    this.#missing.delete(digest);
    if (part.node) await this.settle();
  }

  async #putLeaf(part: PartRow, bytes: Uint8Array, release: (() => void) | undefined): Promise<void> {
    const { blocks, pages } = this.#context;
    // A copy that the disk and the thread can read costs a tenth of what it saves them.
    const page = pages.copyOf(bytes);
    const isFollowed = this.#followers.size > 0;
    if (page !== undefined && !isFollowed) release?.();
    let readers = 2;
    const onRead = (): void => {
      readers -= 1;
      if (readers > 0) return;
      if (page !== undefined) pages.give(page);
      else if (!isFollowed) release?.();
    };
    let isWritten = false;
    const onWritten = (): void => {
      if (!isWritten) onRead();
      isWritten = true;
    };
    try {
      const staged = blocks.stage(part.digest, page ?? bytes, page !== undefined, onWritten);
      // While it is written: what was hashed is what the digest says, whatever becomes of the file.
      this.#hashInTurn(part.start, { bytes: page ?? bytes, told: bytes, onHashed: onRead });
      await staged;
    } finally {
      onWritten();
    }
  }

  /**
   * Has every leaf told, in order, whether it comes from a peer or is read from the disk: all of them once
   * {@link sha256} has resolved.
   * @returns false when leaves have gone by already
   */
  follow(follower: LeafFollower): boolean {
    if (this.#hashedLeaves > 0 || this.#ahead.size > 0) return false;
    this.#followers.add(follower);
    return true;
  }

  unfollow(follower: LeafFollower): void {
    this.#followers.delete(follower);
  }

  /** @param leaf - checked against its digest */
  #hashInTurn(number: number, leaf: WaitingLeaf): void {
    // One of those who put the same leaf at once is enough to wait for its turn.
    if (number > this.#hashedLeaves && this.#ahead.size < maxAhead && !this.#ahead.has(number)) {
      this.#ahead.set(number, leaf);
      return;
    }
    if (number !== this.#hashedLeaves) {
      leaf.onHashed();
      return;
    }
    this.#addToHash(leaf);
    for (let next = this.#ahead.get(this.#hashedLeaves); next !== undefined;) {
      this.#addToHash(next);
      next = this.#ahead.get(this.#hashedLeaves);
    }
  }

  #addToHash({ bytes, told, onHashed }: WaitingLeaf): void {
    this.#hash.update(bytes, onHashed);
    this.#ahead.delete(this.#hashedLeaves);
    this.#hashedLeaves += 1;
    if (this.#hashedLeaves <= this.#toldLeaves) return;
    this.#toldLeaves = this.#hashedLeaves;
    // A follower keeps what it is told for as long as it likes.
    for (const follower of this.#followers) follower(told);
  }

  /** Nobody has it open any more. */
  end(): void {
    this.#hash.end();
    for (const { onHashed } of this.#ahead.values()) onHashed();
  }

  /**
   * The sha256 of the whole; all leaves are here.
   * @throws GgenError `content.missing` when one turns out to be damaged, `aborted`
   */
  async sha256(signal?: AbortSignal): Promise<string> {
    await this.#hashRest(signal);
    try {
      return await this.#hash.digest();
    } catch {
      // Its thread ended, and took the hash with it: it is made anew, from the disk.
      this.#hash.end();
      this.#hash = createRunningHash();
      this.#hashedLeaves = 0;
      await this.#hashRest(signal);
      return await this.#hash.digest();
    }
  }

  /** Hashes the leaves that were here before, or came too far ahead of their turn. */
  async #hashRest(signal?: AbortSignal): Promise<void> {
    const leaves = this.#parts.filter(({ node }) => !node);
    const checkAborted = (): void => {
      if (signal?.aborted === true) throw new GgenError("aborted", "Checking a content was cancelled");
    };
    for (;;) {
      checkAborted();
      const leaf = leaves[this.#hashedLeaves];
      if (leaf === undefined) return;
      const bytes = await this.#context.blocks.read(leaf.digest);
      if (bytes === undefined) {
        await this.#setDamagedAside(leaves.slice(leaf.start + 1), signal);
        throw this.incomplete();
      }
      this.#hashInTurn(leaf.start, { bytes, told: bytes, onHashed: () => {} });
    }
  }

  /** Where one chunk is damaged others may be: all are known after one look, and fetched again in one go. */
  async #setDamagedAside(leaves: readonly { readonly digest: string }[], signal?: AbortSignal): Promise<void> {
    for (const { digest } of leaves) {
      if (signal?.aborted === true) return;
      await this.#context.blocks.read(digest);
    }
  }

  /** The error for a content of which blocks are not here. */
  incomplete(): GgenError {
    this.#missingRevision = undefined;
    return new GgenError("content.missing", `Content ${this.#address.cid} is not complete`, {
      got: `${this.missing().size} blocks are not here`,
    });
  }
}
