import type { Clock } from "@ggen/p2p-types";

/** How long a file that was as it should be is taken to be so, in milliseconds. */
const trustMs = 600_000;
/** A file that changed less than this ago may have changed once more at what its system calls the same time. */
const settleMs = 100;
/** Files that are remembered: 8 GiB of whole chunks. */
const maxFiles = 8192;

/** What tells that a file is the one that it was. */
export interface FileIdentity {
  readonly ino: number;
  readonly mtimeMs: number;
}

/**
 * Remembers which files had the bytes that they should have, so that what is served again and again is not hashed each
 * time: only when ten minutes have passed, or the file was changed.
 */
export class CheckedFiles {
  readonly #clock: Clock;
  /** By digest, the longest known first. */
  readonly #files = new Map<string, FileIdentity & { readonly checkedMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The bytes of a file were checked, or written after they were. */
  note(digest: string, { ino, mtimeMs }: FileIdentity): void {
    this.#files.delete(digest);
    this.#files.set(digest, { ino, mtimeMs, checkedMs: this.#clock.monotonic() });
    const [oldest] = this.#files.keys();
    if (this.#files.size > maxFiles && oldest !== undefined) this.#files.delete(oldest);
  }

  /** Whether a file needs no other check. */
  isFresh(digest: string, { ino, mtimeMs }: FileIdentity): boolean {
    const known = this.#files.get(digest);
    if (known === undefined || known.ino !== ino || known.mtimeMs !== mtimeMs) return false;
    return this.#clock.now() - mtimeMs >= settleMs && this.#clock.monotonic() - known.checkedMs < trustMs;
  }
}
