/**
 * A libp2p node that knows none of our formats and answers requests for chunks with noise.
 * `node garbler.ts VICTIM_ADDRESS`
 */
import { randomBytes } from "node:crypto";

import { protocols } from "@ggen/p2p-types";
import { identify } from "@libp2p/identify";
import type { Stream } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";

import { say } from "./participant.ts";

const node = await createLibp2p({
  addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
  transports: [tcp()],
  connectionEncrypters: [tls()],
  streamMuxers: [yamux()],
  services: { identify: identify() },
});
await node.handle(protocols.chunks, (stream: Stream) => {
  stream.addEventListener("message", () => {
    say("asked");
    stream.send(randomBytes(64 * 1024));
  });
});
await node.dial(multiaddr(process.argv[2] ?? ""));
say("ready", { peerId: node.peerId.toString(), provided: 0 });
