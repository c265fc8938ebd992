import { GgenError, type OperationStore } from "@ggen/p2p-types";

import type { EvidenceSink } from "../node/evidence.ts";
import { readEnvelopes, requestOperations } from "../operations/operation-client.ts";
import type { FrameStream } from "../stream/frame-stream.ts";
import { BatchPicker } from "./batch-picker.ts";
import type { PackedIds } from "./packed-ids.ts";
import type { WantedOperations } from "./wanted-operations.ts";

/** Bytes that were received and are not stored yet; beyond it nothing more is read. */
const maxUnstoredBytes = 8 * 1024 * 1024;
/** Batches that are asked for while one is read. */
const requestsAhead = 6;

/** What fetching needs. */
export interface FetchComponents {
  readonly operations: OperationStore;
  readonly evidence: EvidenceSink;
  readonly wanted: WantedOperations;
  /** Told of envelopes that came and were looked at. */
  readonly onReceived: (count: number) => void;
}

/** What was fetched. */
export interface Fetched {
  /** Operations that were new. */
  readonly received: number;
  readonly bytes: number;
  /** Whether something was given that this node does not take now, or was left out because of that. */
  readonly putOff: boolean;
}

/**
 * Fetches operations and gives them to the store, several batches at a time: while some travel, others are checked and
 * again others are written.
 * @param frames - an open `/ggen/ops/1` stream
 * @param needed - what is missing here
 * @param contested - what is here, and of which the peer's copies are wanted as well
 * @throws GgenError `network.protocol` when the peer gives something that is not valid
 */
export async function fetchWanted(
  components: FetchComponents,
  frames: FrameStream,
  { needed, contested }: { readonly needed: PackedIds; readonly contested: readonly string[] },
  peerId: string,
  signal: AbortSignal,
): Promise<Fetched> {
  const { wanted } = components;
  const intake = new Intake(components, peerId, signal);
  const picker = new BatchPicker(needed, contested, components);
  const asked: string[][] = [];
  let isMore = true;
  try {
    while (isMore || asked.length > 0) {
      while (isMore && asked.length < requestsAhead) {
        const batch = picker.next();
        if (batch === "elsewhere") {
          // Another session has the rest; it is waited for only when nothing is on its way here.
          if (asked.length > 0) break;
          await wanted.released(signal);
        } else if (batch === undefined) {
          isMore = false;
        } else {
          asked.push(batch);
          await requestOperations(frames, batch, signal);
        }
      }
      const batch = asked[0];
      if (batch === undefined) continue;
      const stored: Promise<void>[] = [];
      for await (const envelopes of readEnvelopes(frames, batch.length, signal)) {
        stored.push((await intake.take(envelopes)).stored);
      }
      asked.shift();
      intake.settle(Promise.all(stored).finally(() => wanted.release(batch)));
    }
    const fetched = await intake.end();
    return { ...fetched, putOff: fetched.putOff || picker.hasPutOff };
  } finally {
    wanted.release(asked.flat());
  }
}

/** Gives envelopes to the store without waiting for each, up to a bound. */
class Intake {
  readonly #components: FetchComponents;
  readonly #peerId: string;
  readonly #signal: AbortSignal;
  readonly #open = new Set<Promise<unknown>>();
  #unstoredBytes = 0;
  #received = 0;
  #bytes = 0;
  #putOff = false;
  #error: unknown;

  constructor(components: FetchComponents, peerId: string, signal: AbortSignal) {
    this.#components = components;
    this.#peerId = peerId;
    this.#signal = signal;
  }

  /** Resolves when more may come. @returns `stored`: settles when these are */
  async take(envelopes: readonly Uint8Array[]): Promise<{ readonly stored: Promise<void> }> {
    let size = 0;
    for (const { byteLength } of envelopes) size += byteLength;
    this.#bytes += size;
    this.#unstoredBytes += size;
    const stored = this.#store(envelopes).finally(() => {
      this.#unstoredBytes -= size;
    });
    this.settle(stored);
    while (this.#unstoredBytes > maxUnstoredBytes && this.#open.size > 0) await Promise.race(this.#open);
    this.#throwIfFailed();
    return { stored };
  }

  /** Counts something among what {@link end} waits for. */
  settle(work: Promise<unknown>): void {
    const open = work.then(
      () => void this.#open.delete(open),
      (error: unknown) => {
        this.#error ??= error;
        this.#open.delete(open);
      },
    );
    this.#open.add(open);
  }

  /** Waits for everything. */
  async end(): Promise<Fetched> {
    while (this.#open.size > 0) await Promise.all(this.#open);
    this.#throwIfFailed();
    return { received: this.#received, bytes: this.#bytes, putOff: this.#putOff };
  }

  #throwIfFailed(): void {
    this.#signal.throwIfAborted();
    if (this.#error !== undefined) throw this.#error;
  }

  async #store(envelopes: readonly Uint8Array[]): Promise<void> {
    const { operations, evidence, wanted, onReceived } = this.#components;
    const peerId = this.#peerId;
    const report = await operations.accept(envelopes, { via: "sync", peer: peerId });
    this.#received += report.accepted.length;
    onReceived(envelopes.length);
    wanted.putOff(report.deferred);
    if (report.deferred.length > 0) this.#putOff = true;
    const [bad] = report.rejected;
    if (bad === undefined) return;
    evidence.lie(peerId, "gave an operation that is malformed or wrongly signed");
    throw new GgenError("network.protocol", `${peerId} gave an operation that is not valid`, { cause: bad.error });
  }
}
