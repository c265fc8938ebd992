import { createReadStream } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import Corestore from "corestore";
import Hyperdrive from "hyperdrive";

import { answerCommands } from "../src/transfer/child.ts";
import { syncTree } from "./sync-tree.js";

const [directory = ""] = process.argv.slice(2);
const folder = join(directory, "cores");
const store = new Corestore(folder);
await store.ready();
const replicate = (socket, isInitiator) => {
  socket.setNoDelay(true);
  const stream = store.replicate(isInitiator);
  stream.on("error", () => {});
  socket.on("error", () => {});
  socket.pipe(stream).pipe(socket);
};
const server = createServer((socket) => replicate(socket, false));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const connected = new Set();
const drives = [];

answerCommands({
  async provide(file) {
    const drive = new Hyperdrive(store.namespace(`drive ${drives.length}`));
    await drive.ready();
    drives.push(drive);
    await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), drive.createWriteStream("/content"));
    return JSON.stringify({ port: server.address().port, key: drive.key.toString("hex") });
  },
  async connect(tickets) {
    for (const ticket of tickets) {
      const { port } = JSON.parse(ticket);
      if (connected.has(port)) continue;
      connected.add(port);
      replicate(connect({ host: "127.0.0.1", port }), true);
    }
  },
  async fetch([ticket]) {
    const drive = new Hyperdrive(store, Buffer.from(JSON.parse(ticket).key, "hex"));
    await drive.ready();
    drives.push(drive);
    let entry = await drive.entry("/content");
    while (entry === null) {
      await drive.core.update({ wait: true });
      entry = await drive.entry("/content");
    }
    await (await drive.download("/content")).done();
    await syncTree(folder);
    return entry.value.blob.byteLength;
  },
  async close() {
    server.close();
    await store.close();
  },
});
