/**
 * Mirrors that all give something else than what they are asked for, each a node of its own with an address of its own.
 * `node mirrors.ts COUNT CID SIZE FILE DIAL…`: the bytes of the file, or with `-` noise of the right size.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { serving } from "./own-content.ts";
import { openOwnCatalog, participate, say } from "./participant.ts";

const [count = "1", cid = "", size = "0", file = "-", ...dial] = process.argv.slice(2);
const given = file === "-" ? randomBytes(Number(size)) : new Uint8Array(readFileSync(file));
const store = serving([{ address: { cid, size: Number(size), sha256: "0".repeat(64) }, bytes: given }]);
const catalog = openOwnCatalog();

async function startMirror(mirror: number): Promise<string> {
  const node = await participate({
    host: `127.0.7.${mirror}`,
    operations: catalog,
    contents: {
      ...store,
      readBlock(asked, digest) {
        say("asked", { mirror });
        return store.readBlock(asked, digest);
      },
    },
  });
  for (const address of dial) await node.syncWith(await node.dial(address));
  return node.peerId;
}

say("ready", {
  peerIds: await Promise.all(Array.from({ length: Number(count) }, (_, place) => startMirror(place + 1))),
});
