import { createHash } from "node:crypto";

import {
  buildFileDag,
  chunkSize,
  type ContentAddress,
  type DagEntry,
  GgenError,
  leafEntry,
  rawCodec,
  toHex,
} from "@ggen/p2p-types";

import type { PartRow } from "../database/rows.ts";
import type { StoreContext } from "./fetch-state.ts";
import { childParts, rootPart } from "./parts.ts";

/** Chunks that are being written at a time; with the one being filled this bounds the memory of an import. */
const maxWrites = 4;

/** Settings of {@link importContent}. */
export interface ImportOptions {
  readonly maxPackageBytes: number;
  /** Pins the content in the step that stores it. */
  readonly pin?: string;
  readonly signal?: AbortSignal;
}

/**
 * A source cut into chunks.
 *
 * @yields chunks of {@link chunkSize} bytes, the last may be shorter
 */
async function* toChunks(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  let chunk = Buffer.allocUnsafeSlow(chunkSize);
  let filled = 0;
  for await (const bytes of source) {
    total += bytes.byteLength;
    if (total > maxBytes) {
      throw new GgenError("archive.too-large", "The content is larger than the cap", {
        expected: `at most ${maxBytes} bytes`,
      });
    }
    for (let at = 0; at < bytes.byteLength;) {
      const piece = bytes.subarray(at, at + chunkSize - filled);
      chunk.set(piece, filled);
      filled += piece.byteLength;
      at += piece.byteLength;
      if (filled < chunkSize) continue;
      yield chunk;
      chunk = Buffer.allocUnsafeSlow(chunkSize);
      filled = 0;
    }
  }
  if (total === 0) throw new GgenError("usage.invalid", "A content has at least one byte", { got: "an empty source" });
  if (filled > 0) yield chunk.subarray(0, filled);
}

function digestOf(entry: DagEntry): string {
  return toHex(entry.cid.multihash.digest);
}

/** Keeps blocks of an import: a bounded number of writes at a time, and the first failure stops it. */
class BlockSink {
  readonly #held = new Set<string>();
  readonly #context: StoreContext;
  readonly #writes = new Set<Promise<void>>();
  #failure: unknown;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async keep(digest: string, bytes: Uint8Array): Promise<void> {
    while (this.#writes.size >= maxWrites) await Promise.race(this.#writes);
    this.#throwFailure();
    if (this.#held.has(digest)) return;
    this.#held.add(digest);
    this.#context.blocks.hold(digest);
    const write = this.#store(digest, bytes)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }

  async #store(digest: string, bytes: Uint8Array): Promise<void> {
    const { blocks } = this.#context;
    // What is here already must be sound before a promise rests on it.
    if (blocks.bytesOf(digest) !== undefined && (await blocks.read(digest)) !== undefined) return;
    await blocks.stage(digest, bytes);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Makes everything that was kept durable. */
  async commit(): Promise<void> {
    await Promise.all(this.#writes);
    this.#throwFailure();
    const { blocks } = this.#context;
    await blocks.commit();
    if ([...this.#held].some((digest) => blocks.bytesOf(digest) === undefined)) {
      throw blocks.lastFailure ?? new GgenError("storage.failed", "Chunks of a content could not be kept");
    }
  }

  async release(): Promise<void> {
    await Promise.all(this.#writes);
    await this.#context.blocks.release([...this.#held]);
  }
}

/**
 * Stores a source as a complete content, durable when it resolves. Holds at most six chunks in memory.
 * @throws GgenError `archive.too-large`, `usage.invalid` for an empty source, `storage.full`, `storage.failed`, `aborted`
 */
export async function importContent(
  context: StoreContext,
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ContentAddress> {
  const { rows, usage } = context;
  const sink = new BlockSink(context);
  try {
    const whole = createHash("sha256");
    const leaves: DagEntry[] = [];
    for await (const chunk of toChunks(source, options.maxPackageBytes)) {
      if (options.signal?.aborted === true) throw new GgenError("aborted", "Storing a content was cancelled");
      const leaf = leafEntry(chunk);
      await sink.keep(digestOf(leaf), chunk);
      whole.update(chunk);
      leaves.push(leaf);
    }
    const { root, nodes } = buildFileDag(leaves);
    for (const node of nodes) await sink.keep(digestOf(node), node.block);
    await sink.commit();
    const kind = root.cid.code === rawCodec ? "leaf" : "node";
    const blocks = new Map(nodes.map((node) => [digestOf(node), node.block]));
    const parts: PartRow[] = [rootPart({ digest: digestOf(root), kind }, root.size)];
    // The list grows while it is walked: from the root down to the leaves.
    for (const part of parts) {
      const block = part.node ? blocks.get(part.digest) : undefined;
      if (block !== undefined) parts.push(...childParts(part, block));
    }
    const address = { cid: root.cid.toString(), size: root.size, sha256: whole.digest("hex") };
    rows.transaction(() => {
      rows.insertContent(address, parts, 0);
      rows.setComplete(address.cid, address.sha256);
      if (options.pin !== undefined) rows.addPin(address.cid, options.pin);
      usage.touch(address.cid);
      usage.save();
    });
    return address;
  } finally {
    await sink.release();
  }
}
