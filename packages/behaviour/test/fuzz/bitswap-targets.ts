/** Hostile bytes for what is read of Bitswap clients. */
import { blockCid, dagPbCodec, fromHex, rawCodec } from "@ggen/p2p-types";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";

import { decodeWants, encodeBlockHead, encodePresences, maxWants } from "../../src/bitswap/bitswap-message.ts";
import { readFields } from "../../src/wire/protobuf.ts";
import { wantlist } from "../bitswap/wantlist.ts";

const block = new TextEncoder().encode("a block");
const { bytes: cid } = blockCid(rawCodec, block);
const { bytes: node } = blockCid(dagPbCodec, block);
const v0 = CID.createV0(createDigest(0x12, new Uint8Array(32).fill(9))).bytes;

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

export const bitswapTargets = {
  "bitswap wants": {
    kind: "bytes",
    seeds: [
      wantlist([{ cid }, { cid: node, have: true, sendDontHave: true }, { cid: v0 }, { cid, cancel: true }]),
      // An entry whose priority is negative, and a field of a fixed width.
      fromHex(`0a310a2f0a24${Buffer.from(cid).toString("hex")}10ffffffffffffffffff01`),
      Buffer.concat([wantlist([{ cid }]), Uint8Array.of(0x7d, 1, 2, 3, 4)]),
    ],
    maxBytes: 8192,
    run(input: Uint8Array) {
      const wants = decodeWants(input);
      check(wants.length <= maxWants, "more wants than are looked at");
      for (const { cid, digest } of wants) {
        check(cid.buffer !== input.buffer, "a want that keeps its whole message");
        // What is here can be answered, whatever else stands in its CID.
        if (digest !== undefined) encodeBlockHead(cid, block.byteLength);
      }
      const answer = encodePresences(wants.map((want) => ({ cid: want.cid, held: want.kind === "have" })));
      check([...readFields(answer)].length === wants.length, "presences that are not those of the wants");
      return [...new Set(wants.map(({ kind, digest }) => `${kind} ${digest !== undefined}`))].sort().join(" ");
    },
  },
};
