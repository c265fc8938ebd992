import { CID } from "multiformats/cid";
import { describe, expect, it } from "vitest";

import {
  blockCid,
  buildFileDag,
  chunkSize,
  claimedNodeSize,
  type DagEntry,
  dagPbCodec,
  isContentCid,
  leafEntry,
  maxNodeBytes,
  rawCodec,
} from "../../src/index.ts";
import { contentCidText } from "../../src/content/cid.ts";
import { encodeFileData, readFileSize } from "../../src/content/file-data.ts";

const leaves: readonly DagEntry[] = [leafEntry(new Uint8Array(chunkSize)), leafEntry(Uint8Array.of(1))];

describe("what a node says of its size", () => {
  it("is read from the node, and from nothing else", () => {
    const [node] = buildFileDag(leaves).nodes;
    expect(claimedNodeSize(node?.block ?? new Uint8Array())).toBe(chunkSize + 1);
    for (const none of [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(maxNodeBytes + 1)]) {
      expect(claimedNodeSize(none)).toBeUndefined();
    }
  });

  it("is read only where the message begins as ours do", () => {
    const data = encodeFileData([300, 5]);
    expect(readFileSize(data)).toBe(305);
    for (const at of [0, 1, 2]) {
      const other = data.slice();
      other[at] = (other[at] ?? 0) ^ 1;
      expect(readFileSize(other)).toBeUndefined();
    }
    for (let length = 0; length < 5; length++) expect(readFileSize(data.subarray(0, length))).toBeUndefined();
    expect(readFileSize(data.subarray(0, 5))).toBe(305);
  });

  it("is a safe integer in at most eight digits", () => {
    const sizeOf = (...digits: readonly number[]): number | undefined =>
      readFileSize(Uint8Array.of(8, 2, 0x18, ...digits));
    expect(sizeOf(0)).toBe(0);
    expect(sizeOf(0x7f)).toBe(127);
    expect(sizeOf(0x80, 1)).toBe(128);
    expect(sizeOf(...Array<number>(7).fill(0xff), 0x0f)).toBe(Number.MAX_SAFE_INTEGER);
    expect(sizeOf(...Array<number>(7).fill(0x80), 0x10)).toBeUndefined();
    expect(sizeOf(...Array<number>(8).fill(0x80), 0x00)).toBeUndefined();
    expect(sizeOf(0x80)).toBeUndefined();
  });
});

describe("a CID of content", () => {
  it("is of version 1, raw or dag-pb, with 32 bytes of sha2-256", () => {
    const block = Uint8Array.of(1, 2, 3);
    const [raw, node] = [blockCid(rawCodec, block), blockCid(dagPbCodec, block)];
    for (const good of [raw, node]) expect(isContentCid(good)).toBe(true);
    expect(isContentCid(node.toV0())).toBe(false);
    const { multihash } = raw;
    const other = (code: number, changes: Partial<typeof multihash>): boolean =>
      isContentCid(CID.createV1(code, { ...multihash, ...changes }));
    expect(other(rawCodec, {})).toBe(true);
    for (const code of [0x71, 0x54, 0x56, 0x0129]) expect(other(code, {})).toBe(false);
    expect(other(rawCodec, { code: 0x13 })).toBe(false);
    expect(other(rawCodec, { digest: multihash.digest.subarray(1) })).toBe(false);
    expect(other(rawCodec, { digest: new Uint8Array(33) })).toBe(false);
  });

  it("is read from 36 bytes of such a CID only", () => {
    const cid = blockCid(rawCodec, Uint8Array.of(1));
    expect(contentCidText(cid.bytes)).toBe(cid.toString());
    expect(contentCidText(blockCid(dagPbCodec, Uint8Array.of(1)).bytes)).toMatch(/^bafybei/);
    for (let at = 0; at < 4; at++) {
      const other = cid.bytes.slice();
      other[at] = (other[at] ?? 0) ^ 3;
      expect(contentCidText(other)).toBeUndefined();
    }
    expect(contentCidText(cid.bytes.subarray(0, 35))).toBeUndefined();
    expect(contentCidText(Buffer.concat([cid.bytes, Buffer.of(0)]))).toBeUndefined();
    expect(contentCidText(new Uint8Array())).toBeUndefined();
  });
});
