import { type FileHandle, open, stat } from "node:fs/promises";

import { GgenError, systemClock, systemReason } from "@ggen/p2p-types";

const blockBytes = 64 * 1024;
const maxTailBytes = 16 * 1024 * 1024;
const lookEveryMs = 200;

/**
 * The last lines of a log file.
 * @param path - the file
 * @param count - how many lines
 * @returns the lines, and the offset in bytes from which following goes on
 * @throws GgenError `registry.not-running` when there is no log, `storage.failed`
 */
export async function readLastLines(
  path: string,
  count: number,
): Promise<{ readonly lines: readonly string[]; readonly offset: number }> {
  await using file = await openLog(path);
  const { size } = await file.stat();
  let text = Buffer.alloc(0);
  let position = size;
  while (position > 0 && size - position < maxTailBytes && countLines(text) <= count) {
    const length = Math.min(blockBytes, position);
    position -= length;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    text = Buffer.concat([buffer.subarray(0, bytesRead), text]);
  }
  const lines = text.toString("utf8").split("\n");
  // A line that is still being written belongs to what follows.
  const unfinished = lines.pop() ?? "";
  return { lines: count === 0 ? [] : lines.slice(-count), offset: size - Buffer.byteLength(unfinished) };
}

const countLines = (bytes: Buffer): number => bytes.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);

async function openLog(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    const none = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new GgenError(none ? "registry.not-running" : "storage.failed", `There is no log to read: ${path}`, {
      expected: "the log of a node that was started in the background",
      got: none ? "none: no node of this home was" : systemReason(cause),
      hint: "Start a node: ggen marketplace p2p start --daemon",
      cause,
    });
  }
}

/**
 * Shows what is added to a log, also after it was rotated, until cancelled.
 * @param path - the file
 * @param from - offset in bytes
 * @param show - gets whole lines
 * @param signal - ends it
 */
export async function followLog(
  path: string,
  from: number,
  show: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let file = await openLog(path);
  let offset = from;
  let rest = "";
  try {
    while (!signal.aborted) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(blockBytes), 0, blockBytes, offset);
      offset += bytesRead;
      const lines = (rest + buffer.subarray(0, bytesRead).toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(show);
      if (bytesRead === blockBytes) continue;
      if (await wasReplaced(path, file)) {
        await file.close();
        file = await openLog(path);
        offset = 0;
      }
      await systemClock.sleep(lookEveryMs, signal).catch(() => undefined);
    }
  } finally {
    await file.close();
  }
}

async function wasReplaced(path: string, file: FileHandle): Promise<boolean> {
  const [now, then] = await Promise.all([stat(path).catch(() => undefined), file.stat()]);
  return now !== undefined && now.ino !== then.ino;
}
