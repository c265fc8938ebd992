import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

/** Largest log file in bytes before it is rotated. */
export const maxLogBytes = 8 * 1024 * 1024;
/** How many rotated files are kept: `node.log.1` is the newest. */
export const keptLogFiles = 3;

/** Where the log of a home's node is. */
export function logFilePath(home: string): string {
  return join(home, "logs", "node.log");
}

/** A log file of bounded size that only its owner can read. */
export interface LogFile {
  readonly path: string;
  readonly write: (line: string) => void;
  close(): void;
}

/**
 * Opens a log file for appending. Writing never throws: a full disk loses log lines, not the node.
 * @param path - its folder is made, 0700
 * @param maxBytes - rotated when it would grow beyond
 */
export function openLogFile(path: string, maxBytes: number = maxLogBytes): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const open = (): { readonly descriptor: number; size: number } => {
    const descriptor = openSync(path, "a", 0o600);
    return { descriptor, size: fstatSync(descriptor).size };
  };
  let file = open();
  chmodSync(path, 0o600);
  const rotate = (): void => {
    closeSync(file.descriptor);
    try {
      for (let number = keptLogFiles - 1; number >= 0; number--) {
        const from = number === 0 ? path : `${path}.${number}`;
        try {
          renameSync(from, `${path}.${number + 1}`);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        }
      }
    } finally {
      file = open();
    }
  };
  return {
    path,
    write(line) {
      try {
        const bytes = Buffer.from(line);
        if (file.size > 0 && file.size + bytes.length > maxBytes) rotate();
        file.size += writeSync(file.descriptor, bytes);
      } catch {
        // Nowhere is left to say it.
      }
    },
    close: () => closeSync(file.descriptor),
  };
}
