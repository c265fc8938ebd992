import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** What {@link readBounded} found. */
export type BoundedRead =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "too-large" }
  | { readonly kind: "not-a-file" };

/**
 * Reads a small regular file without following a final link, and without trusting the size that the file system gives.
 * @param maxBytes - one more byte than this is never read
 * @throws the system's error when the file cannot be opened
 */
export async function readBounded(path: string, maxBytes: number): Promise<BoundedRead> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return { kind: "not-a-file" };
    if (stat.size > maxBytes) return { kind: "too-large" };
    const buffer = new Uint8Array(stat.size + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (length > stat.size) return { kind: "too-large" };
      if (bytesRead === 0) return { kind: "bytes", bytes: buffer.subarray(0, length) };
    }
  } finally {
    await handle.close();
  }
}
