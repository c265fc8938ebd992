/**
 * A holder that lies: a whole node of the real network code, that announces content and then serves something else.
 * `node liar.ts MODE VICTIM_ADDRESS PACKAGE_ID CID SIZE`
 */
import { randomBytes } from "node:crypto";

import { type ContentStore, packageKey, toHex } from "@ggen/p2p-types";
import { CID } from "multiformats/cid";

import { noContents, openOwnCatalog, participate, say } from "./participant.ts";

/** What is served instead of a block of so many bytes. */
const lies: Readonly<Record<string, (size: number) => Promise<Uint8Array>>> = {
  "wrong-bytes": async (size) => randomBytes(size),
  "too-short": async (size) => randomBytes(Math.max(1, size >> 1)),
  oversize: async () => randomBytes(1 << 20),
  silence: () => new Promise(() => {}),
};

const [mode = "", victim = "", packageId = "", cid = "", sizeText = ""] = process.argv.slice(2);
const size = Number(sizeText);
const lie = lies[mode];
if (lie === undefined) throw new Error(`no mode ${mode}`);
const root = CID.parse(cid).multihash.digest;

const contents: ContentStore = {
  ...noContents,
  stat: (asked) => ({
    content: { cid: asked, size, sha256: "0".repeat(64) },
    complete: true,
    chunks: Math.ceil(size / (1 << 20)),
    present: Math.ceil(size / (1 << 20)),
    pins: [],
  }),
  haveMap: () => new Uint8Array(Math.ceil(size / (8 << 20))).fill(0xff),
  async readBlock(asked, digest) {
    say("asked", { cid: asked, digest });
    // The root of a large content is a small node; a small content is its own root.
    const isNode = size > 1 << 20 && digest === toHex(root);
    return lie(isNode ? 200 : Math.min(size, 1 << 20));
  },
};

const catalog = openOwnCatalog();
const node = await participate({ operations: catalog, contents });
await node.dial(victim);
await node.syncWith(node.connectedPeers()[0] ?? "");
const provided = (await node.provide(root)) + (await node.provide(packageKey(packageId)));
say("ready", { peerId: node.peerId, addresses: node.addresses(), provided });
