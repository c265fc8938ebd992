import { GgenError, systemReason } from "@ggen/p2p-types";

/** What becomes of what a command says. */
export interface Output {
  /** Takes the place of all other listeners to failures of stdout. */
  takeOver(): void;
  /**
   * Waits until everything that was said went out, however slowly it is read, or until nobody reads it any more.
   * @returns `storage.failed` where stdout did not take the answer; a reader that went away, as `head` does, is no failure
   */
  end(): Promise<GgenError | undefined>;
}

/**
 * From now on whoever stops reading, a terminal that is gone, or a full disk behind stdout or stderr does not end the process
 * in the middle of its work.
 */
export function watchOutput(): Output {
  let refusal: GgenError | undefined;
  const onFailure = (cause: NodeJS.ErrnoException): void => {
    if (cause.code === "EPIPE") return;
    refusal ??= new GgenError("storage.failed", "What this command said could not be written to stdout", {
      expected: "a file or a reader that takes it",
      got: systemReason(cause),
      hint: "Send it where there is room. The command itself did its work.",
      cause,
    });
  };
  const takeOver = (): void => {
    process.stdout.removeAllListeners("error").on("error", onFailure);
  };
  takeOver();
  // There is nowhere else to say that nothing can be said here.
  process.stderr.on("error", () => undefined);
  return {
    takeOver,
    // oclif's own `flush` gives up after ten seconds, and waits for ever for a reader that went away.
    end: () => new Promise((resolve) => process.stdout.write("", () => setImmediate(() => resolve(refusal)))),
  };
}
