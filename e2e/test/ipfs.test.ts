import { createHash } from "node:crypto";

import { createHome, startNode } from "@ggen/testkit";
import { withBitswap } from "@helia/bitswap";
import { withLibp2pLight } from "@helia/libp2p";
import { unixfs } from "@helia/unixfs";
import { identify } from "@libp2p/identify";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createHeliaLight } from "helia";
import { CID } from "multiformats/cid";
import { afterAll, beforeAll, expect, it } from "vitest";

import { answerOf } from "./support/catalogue.ts";
import { writePackage } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";
import { seededBytes } from "./support/random-files.ts";

interface Published {
  readonly cid: string;
  readonly checksum: string;
  readonly size: number;
}

const quiet = "[network]\nmdns = false\n";

const helia = withBitswap(
  withLibp2pLight(createHeliaLight(), {
    transports: [tcp()],
    connectionEncrypters: [tls()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  }),
);
beforeAll(async () => {
  await helia.start();
});
afterAll(async () => {
  await helia.stop();
});

it("a Helia node from npm fetches packages of one chunk and of many by their CIDs", async () => {
  const node = await startNode({ home: createHome({ config: `${quiet}[ipfs]\nbitswap = true\n` }) });
  await helia.libp2p.dial(multiaddr(node.addresses[0] ?? ""));
  for (const bytes of [2000, 3_500_000]) {
    const folder = emptyFolder();
    writePackage(folder, "io.example.ipfs", {
      version: `1.0.${bytes}`,
      files: { "data.txt": seededBytes(`${bytes}`, bytes).toString("hex") },
    });
    const published = await answerOf<Published>(node.home, ["marketplace", "publish", folder]);
    const hash = createHash("sha256");
    let size = 0;
    const content = unixfs(helia).cat(CID.parse(published.cid), { signal: AbortSignal.timeout(30_000) });
    for await (const part of content) {
      hash.update(part);
      size += part.byteLength;
    }
    expect({ size, checksum: `sha256:${hash.digest("hex")}` }).toEqual({
      size: published.size,
      checksum: published.checksum,
    });
  }
});

it("a node as it is shipped does not speak Bitswap", async () => {
  const node = await startNode({ home: createHome({ config: quiet }) });
  const dialled = helia.libp2p.dialProtocol(multiaddr(node.addresses[0] ?? ""), "/ipfs/bitswap/1.2.0");
  await expect(dialled).rejects.toMatchObject({ name: "UnsupportedProtocolError" });
});
