import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { unixfs } from "@helia/unixfs";
import { multiaddr } from "@multiformats/multiaddr";
import { FsBlockstore } from "blockstore-fs";
import { createHelia } from "helia";
import { CID } from "multiformats/cid";

import { answerCommands } from "../src/transfer/child.ts";
import { syncTree } from "./sync-tree.js";

const [directory = ""] = process.argv.slice(2);
const blocks = join(directory, "blocks");
await mkdir(directory, { recursive: true });
const blockstore = new FsBlockstore(blocks);
await blockstore.open();
const helia = createHelia({
  blockstore,
  libp2p: { addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] }, peerDiscovery: [] },
});
await helia.start();
const files = unixfs(helia);
const address = () => helia.libp2p.getMultiaddrs()[0].toString();

answerCommands({
  async provide(file) {
    const cid = await files.addByteStream(createReadStream(file, { highWaterMark: 1024 * 1024 }));
    return JSON.stringify({ address: address(), cid: cid.toString() });
  },
  async connect(tickets) {
    for (const ticket of tickets) await helia.libp2p.dial(multiaddr(JSON.parse(ticket).address));
  },
  async fetch([ticket]) {
    let bytes = 0;
    for await (const chunk of files.cat(CID.parse(JSON.parse(ticket).cid))) bytes += chunk.byteLength;
    await syncTree(blocks);
    return bytes;
  },
  async close() {
    await helia.stop();
  },
});
