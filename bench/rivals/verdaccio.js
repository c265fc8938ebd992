import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { Agent, createServer, get } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { runServer } from "verdaccio";

import { answerCommands } from "../src/transfer/child.ts";
import { syncOne } from "./sync-tree.js";

const [directory = ""] = process.argv.slice(2);
const storage = join(directory, "storage");
await mkdir(storage, { recursive: true });
const agent = new Agent({ keepAlive: true });
let server;
let next = 0;

async function serve() {
  const app = await runServer({
    storage,
    configPath: join(directory, "config.yaml"),
    self_path: directory,
    uplinks: {},
    packages: { "**": { access: "$all" } },
    web: { enable: false },
    middlewares: {},
    log: { type: "stdout", level: "fatal" },
  });
  server = app.listen === undefined ? createServer(app) : app;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}

answerCommands({
  async provide(file) {
    if (server === undefined) await serve();
    next += 1;
    const name = `content-${next}`;
    const folder = join(storage, name);
    await mkdir(folder, { recursive: true });
    await copyFile(file, join(folder, `${name}-1.0.0.tgz`));
    const hash = createHash("sha512");
    for await (const bytes of createReadStream(file)) hash.update(bytes);
    const integrity = `sha512-${hash.digest("base64")}`;
    const { port } = server.address();
    const url = `http://127.0.0.1:${port}/${name}/-/${name}-1.0.0.tgz`;
    const version = { name, version: "1.0.0", dist: { integrity, tarball: url } };
    const manifest = {
      name,
      "dist-tags": { latest: "1.0.0" },
      versions: { "1.0.0": version },
      time: {},
      _attachments: { [`${name}-1.0.0.tgz`]: { shasum: "0" } },
      _distfiles: {},
      _uplinks: {},
      _rev: "1",
    };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    return JSON.stringify({ url, integrity });
  },
  async connect() {},
  async fetch([ticket]) {
    const { url, integrity } = JSON.parse(ticket);
    next += 1;
    const path = join(directory, `download-${next}`);
    const hash = createHash("sha512");
    let bytes = 0;
    const response = await new Promise((resolve, reject) => get(url, { agent }, resolve).on("error", reject));
    if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`);
    await pipeline(
      response,
      async function* verify(source) {
        for await (const chunk of source) {
          hash.update(chunk);
          bytes += chunk.byteLength;
          yield chunk;
        }
      },
      createWriteStream(path, { highWaterMark: 1024 * 1024 }),
    );
    if (`sha512-${hash.digest("base64")}` !== integrity) throw new Error("the tarball does not match its integrity");
    await syncOne(path);
    await syncOne(directory);
    return bytes;
  },
  async close() {
    agent.destroy();
    server?.close();
  },
});
