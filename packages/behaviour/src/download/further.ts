import { type Clock, GgenError } from "@ggen/p2p-types";

/** One source after another, the second only when it is needed. */
export class FurtherSource<T> {
  readonly #clock: Clock;
  readonly #afterMs: number;
  readonly #onFirstEnd: () => void;
  readonly #ending = new AbortController();
  #isWaiting = false;
  #isEnded = false;

  /**
   * @param afterMs - after which the second is read all the same
   * @param onFirstEnd - the first source is exhausted, and the second waits
   */
  constructor(clock: Clock, afterMs: number, onFirstEnd: () => void) {
    this.#clock = clock;
    this.#afterMs = afterMs;
    this.#onFirstEnd = onFirstEnd;
  }

  /**
   * Reads both.
   *
   * @yields what they give
   */
  async *read(first: AsyncIterable<T>, second: AsyncIterable<T> | undefined): AsyncGenerator<T> {
    yield* first;
    if (second === undefined || this.#isEnded) return;
    this.#isWaiting = true;
    this.#onFirstEnd();
    await this.#clock.sleep(this.#afterMs, this.#ending.signal).catch(() => {});
    this.#isWaiting = false;
    if (!this.#isEnded) yield* second;
  }

  /** The second source is needed now. @returns whether it was waiting */
  hurry(): boolean {
    if (!this.#isWaiting) return false;
    this.#ending.abort(new GgenError("aborted", "Others are asked now"));
    return true;
  }

  /** The second source is not needed. */
  end(): void {
    this.#isEnded = true;
    this.#ending.abort(new GgenError("aborted", "Nobody else need be asked"));
  }
}
