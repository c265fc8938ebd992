import { chunkSize } from "@ggen/p2p-types";

/** The part of the engine's `WebAssembly` that is used; Node's own types leave it out. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number; readonly shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
};

const wasmPageBytes = 65_536;

/**
 * Buffers of a chunk that begin at a page of memory, as a disk wants them that is written to directly, and that threads
 * share.
 */
export interface PageBuffers {
  /** A copy of a whole chunk in such a buffer; undefined for a shorter one, when all are taken, or when there are none. */
  copyOf(chunk: Uint8Array): Uint8Array | undefined;
  /** Takes back what {@link copyOf} gave, once nobody reads it. */
  give(buffer: Uint8Array): void;
}

/**
 * Creates buffers. Their memory is taken with the first of them, and kept: it is WebAssembly's, for no other begins at a
 * page for certain.
 * @param count - how many there are
 */
export function createPageBuffers(count: number): PageBuffers {
  let idle: Uint8Array[] | undefined;
  return {
    copyOf(chunk) {
      if (chunk.byteLength !== chunkSize) return undefined;
      idle ??= allocate(count);
      const page = idle.pop();
      page?.set(chunk);
      return page;
    },
    give(buffer) {
      idle?.push(buffer);
    },
  };
}

function allocate(count: number): Uint8Array[] {
  const pages = (count * chunkSize) / wasmPageBytes;
  try {
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return Array.from({ length: count }, (_, index) => new Uint8Array(buffer, index * chunkSize, chunkSize));
  } catch {
    // A process whose address space is bounded gets none, and does without.
    return [];
  }
}
