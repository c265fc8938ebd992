import type { Stream } from "@libp2p/interface";
import { identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { onTestFinished } from "vitest";

import type { TestNode } from "./node.ts";

/** A libp2p node without any of our protocols, to be hostile with. Stopped when the test ends. */
export async function startRawPeer(): Promise<Libp2p> {
  const raw = await createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [tls()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  onTestFinished(() => raw.stop());
  return raw;
}

/** Opens a stream of one of our protocols to a node. */
export async function openRaw(raw: Libp2p, node: TestNode, protocol: string): Promise<Stream> {
  return raw.dialProtocol(multiaddr(node.address()), protocol);
}

/** Resolves when the other side resets a stream; rejects when it ends it in order. */
export function isReset(stream: Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.addEventListener("close", ({ error }) => {
      if (error?.name === "StreamResetError") resolve();
      else reject(error ?? new Error("the stream ended in order"));
    });
  });
}

/** Resolves with the bytes once so many have come. */
export function readBytes(stream: Stream, count: number): Promise<Buffer> {
  let got = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    stream.addEventListener("message", ({ data }) => {
      got = Buffer.concat([got, data.subarray()]);
      if (got.byteLength >= count) resolve(got);
    });
    stream.addEventListener("close", ({ error }) => reject(error ?? new Error("closed")));
  });
}
