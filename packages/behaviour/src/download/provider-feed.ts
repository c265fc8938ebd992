import { type ContentProvider, toGgenError } from "@ggen/p2p-types";

/** What a feed of providers needs. */
export interface ProviderFeedInit {
  readonly source: AsyncIterable<string | ContentProvider>;
  readonly ownPeerId: string;
  /** Whether another provider can be used now. */
  readonly hasRoom: () => boolean;
  /** A provider that was not given before. */
  readonly onProvider: (provider: string | ContentProvider, peerId: string) => void;
  /** The source is exhausted. @param error - why it failed, when it did */
  readonly onEnd: (error: Error | undefined) => void;
}

/** Takes providers from their source as there is room for them, each once. */
export class ProviderFeed {
  readonly #init: ProviderFeedInit;
  readonly #given = new Set<string>();
  readonly #ended = Promise.withResolvers<undefined>();
  #isEnded = false;
  #wake: (() => void) | undefined;

  constructor(init: ProviderFeedInit) {
    this.#init = init;
  }

  /** Runs until the source is exhausted or {@link stop} is called. Never rejects. */
  async run(): Promise<void> {
    const { source, ownPeerId, hasRoom, onProvider, onEnd } = this.#init;
    const iterator = source[Symbol.asyncIterator]();
    let failure: Error | undefined;
    try {
      while (!this.#isEnded) {
        const next = await Promise.race([iterator.next(), this.#ended.promise]);
        if (next === undefined || next.done === true) break;
        const peerId = typeof next.value === "string" ? next.value : next.value.peerId;
        if (peerId === ownPeerId || this.#given.has(peerId)) continue;
        this.#given.add(peerId);
        onProvider(next.value, peerId);
        while (!hasRoom() && !this.#isEnded) await this.#room();
      }
    } catch (error) {
      failure = toGgenError(error);
    }
    // Not awaited: a source that hangs must not keep the download from ending.
    iterator.return?.(undefined).catch(() => {});
    onEnd(failure);
  }

  /** There may be room for another provider. */
  wake(): void {
    this.#wake?.();
  }

  stop(): void {
    this.#isEnded = true;
    this.#ended.resolve(undefined);
    this.#wake?.();
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
