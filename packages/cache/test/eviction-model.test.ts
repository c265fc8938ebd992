import { describe, expect, test } from "vitest";

import { bytesOf, remoteContent, type RemoteContent } from "./fixtures/content.ts";
import {
  chunksOn,
  collect,
  mebibyte,
  openStore,
  seededNumbers,
  sourceOf,
  temporaryFolder,
} from "./fixtures/support.ts";
import type { ContentCache } from "../src/index.ts";
import { createMutex, type Mutex } from "../src/mutex.ts";

/** `GGEN_MODEL_OPERATIONS=100000` is the long run, by hand; its figures are in bench/RESULTS.md. */
const operations = Number(process.env["GGEN_MODEL_OPERATIONS"] ?? 5000);
/** Milliseconds that one operation may take on a busy machine. */
const operationMs = 60;
const maxBytes = 150_000;

/** A content of the model: what protects it, and whether it was whole while protected. */
interface Entry {
  readonly remote: RemoteContent;
  readonly cid: string;
  pinned: boolean;
  /** One pin or unpin of it at a time: of two at once the model could not tell which was last. */
  readonly pinning: Mutex;
  readonly releases: (() => void)[];
  /** Seen complete under a protection that has not ended: must stay so. */
  guaranteed: boolean;
}

/** Small ones, and a few of two chunks that share the first. */
function universe(): Entry[] {
  const shared = bytesOf(mebibyte, 99);
  const contents = [
    ...Array.from({ length: 20 }, (_, seed) => bytesOf(2000 + seed * 1500, seed)),
    ...Array.from({ length: 3 }, (_, seed) => new Uint8Array(Buffer.concat([shared, bytesOf(100, 200 + seed)]))),
  ];
  return contents.map((bytes) => {
    const remote = remoteContent(bytes);
    return { remote, cid: remote.address.cid, pinned: false, pinning: createMutex(), releases: [], guaranteed: false };
  });
}

/** Runs random operations, many at a time, and checks after each that nothing protected went. */
class Model {
  readonly entries = universe();
  readonly #cache: ContentCache;
  readonly #random: () => number;

  constructor(cache: ContentCache, seed: number) {
    this.#cache = cache;
    this.#random = seededNumbers(seed);
  }

  #noteProtected(entry: Entry): void {
    entry.guaranteed ||= this.#cache.stat(entry.cid)?.complete === true;
  }

  #noteReleased(entry: Entry): void {
    if (!entry.pinned && entry.releases.length === 0) entry.guaranteed = false;
  }

  check(): void {
    for (const { cid, guaranteed } of this.entries) {
      if (guaranteed && this.#cache.stat(cid)?.complete !== true) throw new Error(`${cid} was protected and went`);
    }
  }

  async #fetch({ remote }: Entry, abandon: boolean): Promise<void> {
    const writer = await this.#cache.open(remote.address);
    try {
      for (let wanted = writer.missing(); wanted.length > 0; wanted = writer.missing()) {
        for (const block of wanted) await writer.put(block, remote.blocks.get(block.digest)!);
        if (abandon) return;
      }
      await writer.finish();
      if (!writer.complete) throw new Error("a finished content is not complete");
    } finally {
      writer.close();
    }
  }

  async #unpin(entry: Entry): Promise<void> {
    entry.pinned = false;
    this.#noteReleased(entry);
    await this.#cache.unpin(entry.cid, "user");
  }

  async #pin(entry: Entry): Promise<void> {
    if (this.#cache.stat(entry.cid) === undefined) return;
    await this.#cache.pin(entry.cid, "user");
    entry.pinned = true;
    this.#noteProtected(entry);
  }

  async step(): Promise<void> {
    const cache = this.#cache;
    const number = this.#random();
    const entry = this.entries[Math.floor(this.#random() * this.entries.length)]!;
    if (number < 0.12) await cache.add(sourceOf(entry.remote.bytes));
    else if (number < 0.24) await this.#fetch(entry, number < 0.15);
    else if (number < 0.32) await entry.pinning.run(() => this.#pin(entry));
    else if (number < 0.42) await entry.pinning.run(() => this.#unpin(entry));
    else if (number < 0.55) {
      entry.releases.push(cache.lease(entry.cid));
      this.#noteProtected(entry);
    } else if (number < 0.7) {
      entry.releases.pop()?.();
      this.#noteReleased(entry);
    } else if (number < 0.8) await cache.gc();
    else if (number < 0.84) await cache.drop(entry.cid);
    else if (cache.stat(entry.cid)?.complete === true) {
      const release = cache.lease(entry.cid);
      const got = await collect(cache.read(entry.cid)).finally(release);
      if (Buffer.compare(got, entry.remote.bytes) !== 0) throw new Error("read other bytes");
    }
    this.check();
  }
}

describe("garbage collection against a model", () => {
  test.each([1, 2])(
    `never takes what is protected (seed %i, ${operations} operations)`,
    async (seed) => {
      const directory = await temporaryFolder();
      const cache = await openStore(directory, { maxBytes });
      const model = new Model(cache, seed);
      const random = seededNumbers(seed + 1000);
      const running = new Set<Promise<void>>();
      let failure: unknown;
      for (let number = 0; number < operations && failure === undefined; number += 1) {
        const step = model
          .step()
          .catch((error: unknown) => {
            failure ??= error;
          })
          .finally(() => running.delete(step));
        running.add(step);
        while (running.size > random() * 12) await Promise.race(running);
        if (number % 500 !== 499) continue;
        await Promise.all(running);
        await cache.gc();
        const kept = model.entries.filter(({ guaranteed }) => guaranteed);
        for (const { cid, remote } of kept)
          expect(Buffer.compare(await collect(cache.read(cid)), remote.bytes)).toBe(0);
        expect(cache.status().evictableBytes).toBeLessThanOrEqual(maxBytes);
      }
      await Promise.all(running);
      expect(failure).toBeUndefined();
      expect((await cache.verify()).damaged).toEqual([]);
      const wanted = new Set<string>();
      for (const { content } of cache.contents()) {
        const entry = model.entries.find(({ cid }) => cid === content.cid)!;
        for (const digest of entry.remote.blocks.keys()) {
          if ((await cache.readBlock(content.cid, digest)) !== undefined) wanted.add(digest);
        }
      }
      await cache.close();
      expect(await chunksOn(directory)).toEqual([...wanted].sort());
    },
    operations * operationMs,
  );
});
