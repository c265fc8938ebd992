import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { systemClock } from "@ggen/p2p-types";
import { describe, expect, onTestFinished, test } from "vitest";

import { findHashWorker, HashThread } from "../src/hash/hash-thread.ts";
import { createRunningHash } from "../src/hash/running-hash.ts";
import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { collect, isSame, mebibyte, openStore, restingClock, temporaryFolder } from "./fixtures/support.ts";

const large = 16 * mebibyte;
/** A thread that ends when it is told of a third piece. */
const mortal = new URL(
  `data:text/javascript,${encodeURIComponent(
    'import { parentPort } from "node:worker_threads"; let left = 3;' +
      'parentPort.on("message", () => { left -= 1; if (left === 0) process.exit(1); parentPort.postMessage(null); });',
  )}`,
);

function thread(url: URL = findHashWorker(), processors = 2): HashThread {
  const hashes = new HashThread(systemClock, () => url, processors);
  onTestFinished(() => hashes.close());
  return hashes;
}

describe("a hash in a thread", () => {
  test("is that of all pieces, while others run beside it, and gives every piece back", async () => {
    const hashes = thread();
    const pieces = [bytesOf(5), bytesOf(mebibyte), bytesOf(77)];
    const [one, other] = [hashes.begin(large), hashes.begin(large)];
    let read = 0;
    for (const piece of pieces) {
      one.update(piece, () => (read += 1));
      other.update(Uint8Array.of(7), () => (read += 1));
    }
    const expected = createHash("sha256").update(Buffer.concat(pieces));
    expect(await one.digest()).toBe(expected.copy().digest("hex"));
    expect(read).toBe(6);
    one.update(bytesOf(9), () => {});
    expect(await one.digest()).toBe(expected.update(bytesOf(9)).digest("hex"));
    one.end();
    expect(await other.digest()).toBe(
      createHash("sha256")
        .update(Uint8Array.of(7, 7, 7))
        .digest("hex"),
    );
    other.end();
  });

  test("is not begun for a small content, or on one processor", async () => {
    const nowhere = new URL("file:///nowhere.js");
    for (const hash of [thread(nowhere, 1).begin(large), thread(nowhere).begin(large - 1), createRunningHash()]) {
      hash.update(bytesOf(3), () => {});
      expect(await hash.digest()).toBe(createHash("sha256").update(bytesOf(3)).digest("hex"));
      hash.end();
    }
  });

  test("is lost with its thread, which gives back what it was lent; later ones do without", async () => {
    const hashes = thread(mortal);
    const hash = hashes.begin(large);
    const given = [0, 1, 2, 3].map((piece) => new Promise<void>((resolve) => hash.update(bytesOf(piece), resolve)));
    await Promise.all(given);
    await expect(hash.digest()).rejects.toThrow("ended");
    hash.end();
    const next = hashes.begin(large);
    next.update(bytesOf(3), () => {});
    expect(await next.digest()).toBe(createHash("sha256").update(bytesOf(3)).digest("hex"));
  });

  test("that was lost is made anew from the disk, and nobody is told a leaf twice", async () => {
    const rests: number[] = [];
    const cache = await openStore(await temporaryFolder(), { hashWorkerUrl: mortal, clock: restingClock(rests) });
    const remote = remoteContent(bytesOf(large + 1));
    const writer = await cache.open(remote.address);
    const told: Uint8Array[] = [];
    writer.follow((leaf) => told.push(leaf));
    for (let block = writer.missing()[0]; block !== undefined; block = writer.missing()[0]) {
      await writer.put(block, remote.blocks.get(block.digest)!);
    }
    await writer.finish();
    expect(writer.complete).toBe(true);
    expect(isSame(Buffer.concat(told), remote.bytes)).toBe(true);
    expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
    writer.close();
    // It is no work that is still to be done.
    expect(rests).toEqual([10_000]);
  });

  test("has ended once it is closed, though an answer of it was still on its way", async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL("fixtures/hash-child.ts", import.meta.url))]);
    const exited = once(child, "exit");
    expect(await text(child.stdout)).toBe("closed");
    expect(await exited).toEqual([0, null]);
  });
});
