/** Hostile bytes for the decoders of this package; `pnpm soak fuzz` runs them. */
import { chunkSize } from "@ggen/p2p-types";

import { checkAddress, isDigest, parseContentCid } from "../../src/address.ts";
import { bytesOf, remoteContent } from "../fixtures/content.ts";

const contents = [1, chunkSize, chunkSize + 1, 2 * chunkSize].map((size) => remoteContent(bytesOf(size)).address);

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

export const targets = {
  "content address": {
    kind: "text",
    seeds: contents.map(({ cid, size, sha256 }) => `${cid} ${size} ${sha256}`),
    words: [
      ...contents.map(({ cid }) => cid),
      "bafkqaaa",
      "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua",
      "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
      "../",
      " ",
      "NaN",
    ],
    maxBytes: 1000,
    run(input: Uint8Array) {
      const [cid = "", size = "", ...rest] = Buffer.from(input).toString("utf8").split(" ");
      const sha256 = rest.join(" ");
      const root = parseContentCid(cid);
      check(root === undefined || (isDigest(root.digest) && /^[a-z2-7]{59}$/.test(cid)), "another spelling of a CID");
      const checked = checkAddress({ cid, size: Number(size), sha256 });
      check(checked.digest === root?.digest && isDigest(sha256), "an address that names no file");
      return checked.kind;
    },
  },
};
