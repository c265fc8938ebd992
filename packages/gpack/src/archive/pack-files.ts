import type { PackedFile } from "@ggen/p2p-types";

import { layOutArchive, type PackedArchive, type PackEntry } from "./packed-archive.ts";
import { isScript } from "./read-archive.ts";

/**
 * The archive of files in memory.
 * @param files - path → content, text as UTF-8; copied, so that later changes do not matter
 * @param options - `maxBytes`: largest archive in bytes
 * @throws GgenError `archive.unsupported-entry`, `archive.too-large`
 */
export function packFiles(
  files: Readonly<Record<string, Uint8Array | string>>,
  options: { readonly maxBytes: number },
): PackedArchive {
  const entries = Object.entries(files).map(([path, content]) =>
    memoryEntry(path, typeof content === "string" ? new TextEncoder().encode(content) : content.slice()),
  );
  return layOutArchive(entries, options.maxBytes);
}

function memoryEntry(path: string, bytes: Uint8Array): PackEntry {
  const file: PackedFile = { path, size: bytes.byteLength, executable: isScript(bytes) };
  return {
    file,
    open: () => {
      let position = 0;
      return Promise.resolve({
        read: (target: Uint8Array) => {
          const part = bytes.subarray(position, position + target.byteLength);
          target.set(part);
          position += part.byteLength;
          return Promise.resolve(part.byteLength);
        },
        finish: () => Promise.resolve(),
        close: () => Promise.resolve(),
      });
    },
  };
}
