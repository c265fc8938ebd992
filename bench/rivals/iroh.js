import { mkdir } from "node:fs/promises";

import library from "@number0/iroh";

import { answerCommands } from "../src/transfer/child.ts";
import { syncTree } from "./sync-tree.js";

const { BlobDownloadOptions, BlobFormat, Iroh, NodeDiscoveryConfig, SetTagOption } = library;
const [directory = ""] = process.argv.slice(2);
await mkdir(directory, { recursive: true });
const iroh = await Iroh.persistent(directory, { ipv4Addr: "127.0.0.1:0", nodeDiscovery: NodeDiscoveryConfig.None });

/** Runs something that reports its progress until it is done. */
function untilDone(start) {
  return new Promise((resolve, reject) => {
    let found;
    start((error, progress) => {
      if (error !== null) reject(error);
      else if (progress.abort !== undefined) reject(new Error(progress.abort.error));
      found = { ...found, ...progress };
      if (progress.allDone !== undefined) resolve(found);
    }).catch(reject);
  });
}

answerCommands({
  async provide(file) {
    const done = await untilDone((onProgress) =>
      iroh.blobs.addFromPath(file, false, SetTagOption.auto(), { wrap: false }, onProgress),
    );
    const { nodeId, addresses } = await iroh.net.nodeAddr();
    return JSON.stringify({ nodeId, addresses, hash: done.allDone.hash });
  },
  async connect() {},
  async fetch(tickets) {
    const sources = tickets.map((ticket) => JSON.parse(ticket));
    const nodes = sources.map(({ nodeId, addresses }) => ({ nodeId, addresses }));
    const options = new BlobDownloadOptions(BlobFormat.Raw, nodes, SetTagOption.auto());
    const { hash } = sources[0];
    await untilDone((onProgress) => iroh.blobs.download(hash, options, onProgress));
    await syncTree(directory);
    return Number(await iroh.blobs.size(hash));
  },
  async close() {
    await iroh.node.shutdown();
  },
});
