import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

import type { PackedFile } from "@ggen/p2p-types";

import { createFlags } from "../storage/durable.ts";

/** Takes the bytes of one new file. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the content: its sha2-256 in hexadecimal, and what makes the file durable, not yet begun for a small one. */
  end(): { readonly sha256: string; readonly settle: () => Promise<void> };
  /** Gives up. */
  abort(): Promise<void>;
}

/** Files up to this size wait in memory, so that several can be written at once. */
const smallFileBytes = 256 * 1024;

/**
 * Begins a file that does not exist yet; the mode is 0644 or 0755 whatever the umask.
 * @param path - in a folder that exists
 */
export async function createFileWriter(path: string, file: PackedFile): Promise<FileWriter> {
  return file.size <= smallFileBytes ? smallFile(path, file) : largeFile(path, file);
}

function smallFile(path: string, file: PackedFile): FileWriter {
  const hash = createHash("sha256");
  const pieces: Uint8Array[] = [];
  return {
    write(bytes) {
      hash.update(bytes);
      // A copy: the piece is part of a larger buffer, which would stay in memory with it.
      pieces.push(bytes.slice());
      return Promise.resolve();
    },
    end: () => ({
      sha256: hash.digest("hex"),
      settle: async () => {
        await using handle = await open(path, createFlags, 0o600);
        for (const piece of pieces) await handle.writeFile(piece);
        await handle.chmod(modeOf(file));
        await handle.sync();
      },
    }),
    abort: () => Promise.resolve(),
  };
}

async function largeFile(path: string, file: PackedFile): Promise<FileWriter> {
  const hash = createHash("sha256");
  const handle = await open(path, createFlags, 0o600);
  return {
    async write(bytes) {
      const written = writeAll(handle, bytes);
      // The bytes are hashed while they are written.
      hash.update(bytes);
      await written;
    },
    end: () => ({
      sha256: hash.digest("hex"),
      settle: async () => {
        try {
          await handle.chmod(modeOf(file));
          await handle.sync();
        } finally {
          await handle.close();
        }
      },
    }),
    abort: () => handle.close(),
  };
}

/** In as few calls as it takes: `writeFile` cuts into pieces of half a megabyte. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) at += (await handle.write(bytes, at)).bytesWritten;
}

function modeOf({ executable }: PackedFile): number {
  return executable ? 0o755 : 0o644;
}
