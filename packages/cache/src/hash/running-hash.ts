import { createHash } from "node:crypto";

/** A sha256 over bytes that come in pieces. */
export interface RunningHash {
  /**
   * Takes the next piece in.
   * @param onRead - called when the piece is not read any more
   */
  update(bytes: Uint8Array, onRead: () => void): void;
  /**
   * Of all pieces so far, in hexadecimal; more may follow.
   * @throws Error when the hash was lost on its way
   */
  digest(): Promise<string>;
  /** Ends it: nobody will ask for a digest. */
  end(): void;
}

/** A hash that is made where it is asked for. */
export function createRunningHash(): RunningHash {
  const hash = createHash("sha256");
  return {
    update(bytes, onRead) {
      hash.update(bytes);
      onRead();
    },
    digest: () => Promise.resolve(hash.copy().digest("hex")),
    end() {},
  };
}
