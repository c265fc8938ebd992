import { randomBytes } from "node:crypto";

import { type Clock, type ContentAddress, systemClock } from "@ggen/p2p-types";
import { describe, expect, it, vi } from "vitest";

import { limits } from "../../src/limits/limits.ts";
import { connect, startNode, type TestNode } from "../support/node.ts";

const mebibyte = 1024 * 1024;

async function nodes(count: number): Promise<[TestNode, ...TestNode[]]> {
  const [first, ...others] = await Promise.all(Array.from({ length: count }, () => startNode()));
  if (first === undefined) throw new Error("no node");
  for (const other of others) await connect(first, other);
  return [first, ...others];
}

async function* only(...providers: TestNode[]): AsyncGenerator<string> {
  for (const { behaviour } of providers) yield behaviour.peerId;
}

async function fetch(node: TestNode, content: ContentAddress, providers?: AsyncIterable<string>) {
  const writer = await node.contents.open(content);
  const report = await node.behaviour.download(writer, providers === undefined ? {} : { providers });
  await writer.finish();
  return report;
}

describe("download", () => {
  it("from three holders takes from all of them", async () => {
    const [asker, ...holders] = await nodes(4);
    const bytes = randomBytes(16 * mebibyte + 1);
    const [content] = holders.map((holder) => holder.contents.put(bytes));
    if (content === undefined) throw new Error("no content");
    // Nobody gives anything before everybody was asked, however long one of them takes to be connected.
    const everybody = Promise.withResolvers<void>();
    const asked = new Set<TestNode>();
    for (const holder of holders) {
      holder.contents.onRead = async (_cid, _digest, block) => {
        if (asked.add(holder).size === holders.length) everybody.resolve();
        await everybody.promise;
        return block;
      };
    }
    const seen: number[] = [];
    const writer = await asker.contents.open(content);
    const report = await asker.behaviour.download(writer, { onProgress: (done) => seen.push(done) });
    await writer.finish();
    expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
    expect(report.bytes).toBe(bytes.byteLength);
    expect(report.perPeer.length).toBe(3);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(bytes.byteLength);
    const stats = await asker.behaviour.stats();
    expect(stats.bytesDownloaded).toBe(bytes.byteLength);
  });

  it("looks for others at once when those whom it knows are of no use", async () => {
    // The time after which others are asked all the same never passes.
    const sleep: Clock["sleep"] = (ms, signal) => systemClock.sleep(ms === limits.furtherPeersMs ? 1e9 : ms, signal);
    const asker = await startNode({}, { clock: { ...systemClock, sleep } });
    const [useless, holder] = (await nodes(2)) as [TestNode, TestNode];
    for (const other of [useless, holder]) await connect(asker, other);
    const content = holder.contents.put(randomBytes(1000));
    const writer = await asker.contents.open(content);
    const providers = only(useless);
    const report = await asker.behaviour.download(writer, { providers, furtherProviders: only(holder) });
    expect(report.perPeer).toEqual([{ peerId: holder.behaviour.peerId, bytes: 1000 }]);
    expect(report.failedPeers).toEqual([{ peerId: useless.behaviour.peerId, reason: "does not have it" }]);
  });

  it("of a liar wastes one block, blames it, and goes on with the next holder", async () => {
    const [asker, liar, honest] = (await nodes(3)) as [TestNode, TestNode, TestNode];
    const bytes = randomBytes(6 * mebibyte);
    const content = honest.contents.put(bytes);
    liar.contents.put(bytes);
    liar.contents.onRead = (_cid, _digest, block) =>
      Promise.resolve(block === undefined ? undefined : Buffer.from(block).fill(0));
    const report = await fetch(asker, content, only(liar, honest));
    expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
    expect(report.perPeer).toEqual([{ peerId: honest.behaviour.peerId, bytes: bytes.byteLength }]);
    expect(report.failedPeers).toEqual([
      { peerId: liar.behaviour.peerId, reason: "sent bytes that do not match their hash" },
    ]);
    expect(asker.evidence.filter(({ kind }) => kind === "lie")).toEqual([
      { kind: "lie", peerId: liar.behaviour.peerId, reason: expect.any(String) as string },
    ]);
  });

  it("of a peer that stops answering goes on with the others", async () => {
    const [asker, staller, honest] = (await nodes(3)) as [TestNode, TestNode, TestNode];
    const bytes = randomBytes(4 * mebibyte);
    const content = honest.contents.put(bytes);
    staller.contents.put(bytes);
    staller.contents.onRead = () => new Promise(() => {});
    const report = await fetch(asker, content, only(staller, honest));
    expect(report.perPeer).toEqual([{ peerId: honest.behaviour.peerId, bytes: bytes.byteLength }]);
  });

  it("from two holders of a part each is complete", async () => {
    const [asker, left, right] = (await nodes(3)) as [TestNode, TestNode, TestNode];
    const bytes = randomBytes(8 * mebibyte);
    const content = left.contents.put(bytes);
    right.contents.put(bytes);
    left.contents.forgetLeaves(content.cid, [0, 1, 2, 3]);
    right.contents.forgetLeaves(content.cid, [4, 5, 6, 7]);
    await fetch(asker, content);
    expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
  });

  it("goes on where an earlier one ended", async () => {
    const [asker, partial, whole] = (await nodes(3)) as [TestNode, TestNode, TestNode];
    const bytes = randomBytes(8 * mebibyte);
    const content = partial.contents.put(bytes);
    partial.contents.forgetLeaves(content.cid, [5]);
    const writer = await asker.contents.open(content);
    await expect(asker.behaviour.download(writer, { providers: only(partial) })).rejects.toMatchObject({
      code: "package.no-providers",
      got: `${partial.behaviour.peerId}: does not have all of it`,
    });
    whole.contents.put(bytes);
    const report = await fetch(asker, content, only(whole));
    expect(report.bytes).toBe(mebibyte);
  });

  it("takes from one that is still downloading what it gets in the meantime", async () => {
    const [asker, halfway, whole, silent] = (await nodes(4)) as [TestNode, TestNode, TestNode, TestNode];
    await connect(halfway, whole);
    const bytes = randomBytes(8 * mebibyte);
    const content = whole.contents.put(bytes);
    silent.contents.put(bytes);
    silent.contents.onRead = () => new Promise(() => {});
    const goOn = Promise.withResolvers<void>();
    const isHalf = Promise.withResolvers<void>();
    let reads = 0;
    whole.contents.onRead = async (_cid, _digest, block) => {
      reads += 1;
      if (reads > 5) await goOn.promise;
      return block;
    };
    const writer = await halfway.contents.open(content);
    const filling = halfway.behaviour.download(writer, {
      providers: only(whole),
      onProgress: (done) => {
        if (done >= 4 * mebibyte) isHalf.resolve();
      },
    });
    await isHalf.promise;
    const own = await asker.contents.open(content);
    const report = await asker.behaviour.download(own, {
      providers: only(silent, halfway),
      onProgress: (done) => {
        if (done >= 3 * mebibyte) goOn.resolve();
      },
    });
    await filling;
    expect(report.perPeer).toEqual([{ peerId: halfway.behaviour.peerId, bytes: bytes.byteLength }]);
    expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
  });

  it("asks who had nothing again and again, and holds it against them once", async () => {
    const [asker, empty, holder] = (await nodes(3)) as [TestNode, TestNode, TestNode];
    const bytes = randomBytes(6 * mebibyte);
    const content = holder.contents.put(bytes);
    // The empty one is asked again every half second: until it was, the holder gives nothing more.
    const asked = Promise.withResolvers<void>();
    let times = 0;
    empty.contents.haveMap = () => {
      times += 1;
      if (times === 3) asked.resolve();
      return undefined;
    };
    let reads = 0;
    holder.contents.onRead = async (_cid, _digest, block) => {
      reads += 1;
      if (reads > 2) await asked.promise;
      return block;
    };
    await fetch(asker, content, only(empty, holder));
    expect(times).toBeGreaterThanOrEqual(3);
    expect(
      asker.evidence.filter(({ kind, peerId }) => kind === "failure" && peerId === empty.behaviour.peerId),
    ).toEqual([{ kind: "failure", peerId: empty.behaviour.peerId, reason: "missing" }]);
  });

  it("whose holder hangs up in between is connected again", async () => {
    const [asker, holder] = (await nodes(2)) as [TestNode, TestNode];
    const bytes = randomBytes(12 * mebibyte);
    const content = holder.contents.put(bytes);
    let reads = 0;
    holder.contents.onRead = async (_cid, _digest, block) => {
      reads += 1;
      if (reads === 5) await holder.behaviour.hangUp(asker.behaviour.peerId);
      return block;
    };
    await fetch(asker, content, only(holder));
    expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
  });

  it("whose holder goes away is not over before it had time to come back", async () => {
    const asker = await startNode();
    const seed = randomBytes(32);
    const bytes = randomBytes(12 * mebibyte);
    const holder = await startNode({}, { seed });
    const address = holder.address();
    await connect(asker, holder);
    const content = holder.contents.put(bytes);
    let reads = 0;
    let stopped: Promise<void> | undefined;
    holder.contents.onRead = (_cid, _digest, block) => {
      reads += 1;
      if (reads < 6) return Promise.resolve(block);
      stopped ??= holder.behaviour.stop();
      return new Promise(() => {});
    };
    const fetching = fetch(asker, content, only(holder));
    // Nobody listens there any more, as it found out.
    const isMissed = (): boolean => asker.evidence.some(({ reason }) => reason === "unreachable");
    await vi.waitUntil(isMissed, { timeout: 20_000 });
    await stopped;
    const [listenAddress = ""] = address.split("/p2p/");
    await startNode({ p2p: { listenAddresses: [listenAddress] } }, { seed, contents: holder.contents });
    holder.contents.onRead = undefined;
    await fetching;
    expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
  });

  it("without a holder says whom it asked and what they answered", async () => {
    const [asker, empty] = (await nodes(2)) as [TestNode, TestNode];
    const content = empty.contents.put(randomBytes(10));
    empty.contents.forgetLeaves(content.cid, [0]);
    async function* providers(): AsyncGenerator<string | { peerId: string; addresses: string[] }> {
      yield empty.behaviour.peerId;
      yield { peerId: "12D3KooWEChVMMMzV8acJ53mJHrw1pQ27UAGkCxWXLJutbeUMvVu", addresses: ["/ip4/127.0.0.1/tcp/1"] };
    }
    const writer = await asker.contents.open(content);
    await expect(asker.behaviour.download(writer, { providers: providers() })).rejects.toMatchObject({
      code: "package.no-providers",
      data: {
        asked: expect.arrayContaining([
          { peerId: empty.behaviour.peerId, answer: "does not have it" },
          {
            peerId: "12D3KooWEChVMMMzV8acJ53mJHrw1pQ27UAGkCxWXLJutbeUMvVu",
            answer: expect.stringContaining("could not be reached") as string,
          },
        ]) as unknown,
      },
    });
  });

  it("is cancelled by its signal", async () => {
    const [asker, holder] = (await nodes(2)) as [TestNode, TestNode];
    const content = holder.contents.put(randomBytes(3 * mebibyte));
    const cancel = new AbortController();
    holder.contents.onRead = () => {
      cancel.abort();
      return new Promise(() => {});
    };
    const writer = await asker.contents.open(content);
    await expect(asker.behaviour.download(writer, { signal: cancel.signal })).rejects.toMatchObject({
      code: "aborted",
    });
  });

  it("under a cap on both sides arrives whole", async () => {
    const holder = await startNode({ network: { uploadKbps: 4000 } });
    const asker = await startNode({ network: { downloadKbps: 4000 } });
    await connect(asker, holder);
    const bytes = randomBytes(5 * mebibyte);
    const content = holder.contents.put(bytes);
    await fetch(asker, content);
    expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
  });
});
