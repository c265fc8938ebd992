import { type BlockRef, chunkSize, systemClock } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { createBufferPool } from "../../src/chunks/buffer-pool.ts";
import { ChunkLink } from "../../src/chunks/chunk-link.ts";
import type { ChunkWire, ChunkWireEvents } from "../../src/chunks/chunk-wire.ts";
import { DirectLinks } from "../../src/chunks/direct-links.ts";
import { PeerSession } from "../../src/chunks/peer-session.ts";
import { limits } from "../../src/limits/limits.ts";
import { decodeChunkRequest, encodeAnswerHeader } from "../../src/wire/chunk-messages.ts";
import { createFrameParser } from "../../src/wire/frame-parser.ts";

const cid = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq";
const blocks: readonly BlockRef[] = Array.from({ length: 3 }, (_, index) => ({
  digest: `${index}`.repeat(64),
  kind: "leaf",
  size: chunkSize,
  index,
}));

/** The far end of a wire: what was asked over it. */
function createFarEnd() {
  const asked: { n: number; digests: readonly string[] }[] = [];
  let events: ChunkWireEvents | undefined;
  let isPaused = false;
  let isOver = false;
  const parser = createFrameParser(4096, (frame) => {
    const request = decodeChunkRequest(frame);
    if ("get" in request) asked.push({ n: request.n, digests: request.get });
  });
  const end = (): void => {
    isOver = true;
  };
  return {
    asked,
    get isPaused() {
      return isPaused;
    },
    get isOver() {
      return isOver;
    },
    open(given: ChunkWireEvents): ChunkWire {
      events = given;
      return {
        send: (frame) => parser.push(frame),
        pause: () => (isPaused = true),
        resume: () => (isPaused = false),
        close: end,
        abort: end,
      };
    },
    answer(n: number): void {
      events?.parser.push(encodeAnswerHeader({ kind: "block", n, index: 0, length: 1 }));
      events?.parser.push(new Uint8Array(1));
    },
  };
}

/** A session over a stream, with a direct connection that is there at once, in time that the test passes. */
async function startSession() {
  const pool = createBufferPool(1);
  const [stream, direct] = [createFarEnd(), createFarEnd()];
  let nowMs = 0;
  let opened = 0;
  let sweep: () => void = () => {};
  const clock = {
    ...systemClock,
    monotonic: () => nowMs,
    every: (_ms: number, callback: () => void) => {
      sweep = callback;
      return () => {};
    },
  };
  const links = new DirectLinks({
    clock,
    pool,
    openDirect: () => {
      opened += 1;
      return Promise.resolve((events: ChunkWireEvents) => direct.open(events));
    },
  });
  const got: [string, boolean][] = [];
  const link = new ChunkLink(
    (events) => stream.open(events),
    pool,
    () => {},
  );
  const begin = (): PeerSession =>
    new PeerSession(link, cid, {
      onHave() {},
      onProgress() {},
      onBlock: ({ digest }, _bytes, _release, isDirect) => got.push([digest, isDirect]),
      onMissing() {},
      onBusy() {},
      onRefused() {},
      onClose() {},
    });
  const session = begin();
  links.join("peer", session);
  // The connection is opened beside everything else.
  await new Promise(setImmediate);
  const pass = (ms: number): void => {
    for (let at = limits.directStallMs; at <= ms; at += limits.directStallMs) {
      nowMs += limits.directStallMs;
      sweep();
    }
  };
  return { stream, direct, links, session, begin, got, pass, opened: () => opened };
}

describe("a session with a direct connection", () => {
  it("asks over it for blocks, and over the stream for what it owed when it stops", async () => {
    const { stream, direct, links, session, begin, got, pass, opened } = await startSession();
    session.ask(blocks);
    expect(stream.asked).toEqual([]);
    const [first] = direct.asked;
    expect(first?.digests).toHaveLength(3);
    pass(limits.directStallMs);
    direct.answer(first?.n ?? -1);
    expect(got).toEqual([[blocks[0]?.digest, true]]);
    pass(2 * limits.directStallMs);
    expect(direct.isOver).toBe(true);
    expect(stream.asked.map(({ digests }) => digests)).toEqual([[blocks[1]?.digest, blocks[2]?.digest]]);
    // It is left alone for a while, and then tried again.
    links.join("peer", begin());
    expect(opened()).toBe(1);
    pass(limits.directRetryMs);
    links.join("peer", begin());
    expect(opened()).toBe(2);
  });

  it("does not take a paused connection, or one that owes nothing, for one that has stopped", async () => {
    const { direct, session, pass } = await startSession();
    pass(10 * limits.directStallMs);
    session.ask(blocks.slice(0, 1));
    session.pause();
    pass(10 * limits.directStallMs);
    expect(direct.isOver).toBe(false);
  });

  it("leaves its links open to the next when it ends, and not paused", async () => {
    const { direct, stream, session } = await startSession();
    session.pause();
    expect([direct.isPaused, stream.isPaused]).toEqual([true, true]);
    session.close();
    expect([direct.isPaused, stream.isPaused]).toEqual([false, false]);
    expect([direct.isOver, stream.isOver]).toEqual([false, false]);
  });

  it("ends a link over which it is still owed something: nobody wants those bytes", async () => {
    const { direct, stream, session } = await startSession();
    session.ask(blocks);
    session.close();
    expect([direct.isOver, stream.isOver]).toEqual([true, false]);
  });
});
