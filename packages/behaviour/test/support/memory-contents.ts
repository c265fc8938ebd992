import {
  type BlockRef,
  buildFileDag,
  chunkCount,
  chunkSize,
  type ContentAddress,
  type ContentStat,
  type ContentStore,
  type ContentWriter,
  decodeNode,
  equalBytes,
  fromHex,
  GgenError,
  leafEntry,
  sha256,
  toHex,
  dagPbCodec,
} from "@ggen/p2p-types";
import { CID } from "multiformats/cid";

interface Held {
  readonly content: ContentAddress;
  readonly blocks: Map<string, Uint8Array>;
  /** Digests of the leaves in order, as far as they are known. */
  readonly leaves: (string | undefined)[];
  complete: boolean;
}

/** A content store in memory: real hashes, no files. */
export class MemoryContents implements ContentStore {
  readonly #held = new Map<string, Held>();
  /** Called before a block is read; may wait, or give other bytes. */
  onRead: ((cid: string, digest: string, block: Uint8Array | undefined) => Promise<Uint8Array | undefined>) | undefined;
  reads = 0;

  /** Stores bytes. */
  put(bytes: Uint8Array): ContentAddress {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < Math.max(1, bytes.byteLength); at += chunkSize)
      chunks.push(bytes.subarray(at, at + chunkSize));
    const leaves = chunks.map(leafEntry);
    const { root, nodes } = buildFileDag(leaves);
    const content = { cid: root.cid.toString(), size: bytes.byteLength, sha256: toHex(sha256(bytes)) };
    const blocks = new Map<string, Uint8Array>();
    for (const [index, leaf] of leaves.entries()) {
      blocks.set(toHex(leaf.cid.multihash.digest), chunks[index] ?? new Uint8Array());
    }
    for (const node of nodes) blocks.set(toHex(node.cid.multihash.digest), node.block);
    this.#held.set(content.cid, {
      content,
      blocks,
      leaves: leaves.map(({ cid }) => toHex(cid.multihash.digest)),
      complete: true,
    });
    return content;
  }

  /** Forgets some leaves, so that the content is partial. */
  forgetLeaves(cid: string, indexes: readonly number[]): void {
    const held = this.#held.get(cid);
    for (const index of indexes) held?.blocks.delete(held.leaves[index] ?? "");
    if (held !== undefined) held.complete = false;
  }

  /** Whether a block is a node of the tree of a content. */
  isNode(cid: string, digest: string): boolean {
    return this.#held.get(cid)?.leaves.includes(digest) === false;
  }

  /** The whole bytes of what is held. */
  bytes(cid: string): Uint8Array {
    const held = this.#held.get(cid);
    return Buffer.concat((held?.leaves ?? []).map((digest) => held?.blocks.get(digest ?? "") ?? new Uint8Array()));
  }

  stat(cid: string): ContentStat | undefined {
    const held = this.#held.get(cid);
    if (held === undefined) return undefined;
    const present = held.leaves.filter((digest) => digest !== undefined && held.blocks.has(digest)).length;
    return { content: held.content, complete: held.complete, chunks: held.leaves.length, present, pins: [] };
  }

  haveMap(cid: string): Uint8Array | undefined {
    const held = this.#held.get(cid);
    if (held === undefined) return undefined;
    const map = new Uint8Array(Math.ceil(held.leaves.length / 8));
    for (const [index, digest] of held.leaves.entries()) {
      if (digest !== undefined && held.blocks.has(digest))
        map[index >> 3] = (map[index >> 3] ?? 0) | (1 << (index & 7));
    }
    return map;
  }

  async readBlock(cid: string, digest: string): Promise<Uint8Array | undefined> {
    this.reads += 1;
    const block = this.#held.get(cid)?.blocks.get(digest);
    return this.onRead === undefined ? block : this.onRead(cid, digest, block);
  }

  async *read(cid: string): AsyncGenerator<Uint8Array> {
    const stat = this.stat(cid);
    if (stat?.complete !== true) throw new GgenError("content.missing", "not here");
    yield this.bytes(cid);
  }

  open(content: ContentAddress): Promise<ContentWriter> {
    let held = this.#held.get(content.cid);
    if (held === undefined) {
      held = { content, blocks: new Map(), leaves: Array.from({ length: chunkCount(content.size) }), complete: false };
      this.#held.set(content.cid, held);
    }
    return Promise.resolve(new MemoryWriter(held));
  }

  async add(source: AsyncIterable<Uint8Array>): Promise<ContentAddress> {
    const parts: Uint8Array[] = [];
    for await (const part of source) parts.push(part);
    return this.put(Buffer.concat(parts));
  }

  pin(): Promise<void> {
    return Promise.resolve();
  }

  unpin(): Promise<void> {
    return Promise.resolve();
  }

  lease(): () => void {
    return () => {};
  }
}

class MemoryWriter implements ContentWriter {
  readonly content: ContentAddress;
  readonly chunks: number;
  readonly #held: Held;

  constructor(held: Held) {
    this.#held = held;
    this.content = held.content;
    this.chunks = held.leaves.length;
  }

  get complete(): boolean {
    return this.#held.complete;
  }

  missing(): BlockRef[] {
    const found: BlockRef[] = [];
    const visit = (digest: string, isNode: boolean, size: number, index: number): void => {
      const block = this.#held.blocks.get(digest);
      if (!isNode) this.#held.leaves[index] = digest;
      if (block === undefined) {
        found.push({ digest, kind: isNode ? "node" : "leaf", size, index });
        return;
      }
      if (!isNode) return;
      let at = index;
      for (const child of decodeNode(block, size)) {
        visit(toHex(child.cid.multihash.digest), child.cid.code === dagPbCodec, child.size, at);
        at += chunkCount(child.size);
      }
    };
    const root = CID.parse(this.content.cid);
    visit(toHex(root.multihash.digest), root.code === dagPbCodec, this.content.size, 0);
    return found;
  }

  put(block: BlockRef, bytes: Uint8Array): Promise<void> {
    const isRight = equalBytes(sha256(bytes), fromHex(block.digest));
    if (!isRight) return Promise.reject(new GgenError("content.mismatch", "a block does not match its digest"));
    this.#held.blocks.set(block.digest, bytes);
    return Promise.resolve();
  }

  finish(): Promise<void> {
    if (this.missing().length > 0) return Promise.reject(new GgenError("content.missing", "not all is here"));
    this.#held.complete = true;
    return Promise.resolve();
  }

  close(): void {}
}
