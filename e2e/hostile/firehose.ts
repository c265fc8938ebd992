/**
 * A libp2p node of its own that never stops sending. `node firehose.ts MODE HOST VICTIM_ADDRESS`:
 * - `sync`, `operations`, `search`, `chunks`, `receipt`: answers the victim's requests of this protocol without end
 * - `pour`: opens a stream of every protocol to the victim and sends requests without end
 * Says `cut` with the bytes that the victim took before it ended a stream, and `drowned` once they are over the limit.
 */
import { randomBytes } from "node:crypto";

import { createSigner, protocols, sealOperation, systemRandom, toHex, toPublisherId } from "@ggen/p2p-types";
import { identify } from "@libp2p/identify";
import type { Stream } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { yamux } from "@libp2p/yamux";
import { encode } from "@ipld/dag-cbor";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";

import { addressOf, plainManifest } from "./own-content.ts";
import { say } from "./participant.ts";

const [mode = "", host = "", victim = ""] = process.argv.slice(2);
/** Far beyond what was asked for and what waits in the buffers between two nodes; 512 operations are up to 8 MiB. */
const drownedBytes = (mode === "pour" || mode === "receipt" ? 8 : 24) * 1024 * 1024;

function frame(payload: Uint8Array): Uint8Array {
  const prefix: number[] = [];
  let rest = payload.byteLength;
  for (; rest >= 0x80; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Uint8Array.from([...prefix, rest]), payload]);
}

/** A Negentropy message: ids that nobody has, up to the first second of time, and a fingerprint of nothing beyond. */
function inventedIds(count: number, goesOn: boolean): Uint8Array {
  const varint = (value: number): number[] =>
    value < 128
      ? [value]
      : value < 16_384
        ? [(value >> 7) | 128, value & 127]
        : [(value >> 14) | 128, ((value >> 7) & 127) | 128, value & 127];
  const list = Buffer.concat([Uint8Array.from([2, 0, 2, ...varint(count)]), randomBytes(32 * count)]);
  const rest = Buffer.concat([Uint8Array.from([0, 0, 1]), randomBytes(16)]);
  return frame(Buffer.concat([Uint8Array.of(0x61), list, ...(goesOn ? [rest] : [])]));
}

/** A rightly signed release of a publisher that nobody knows, near the limit of its size: as often as it fits a frame. */
const signer = createSigner(systemRandom.bytes(32));
const long = Array.from({ length: 64 }, (_, place) => `${place}`.padEnd(100, "x"));
const { envelope } = sealOperation(
  {
    v: 1,
    type: "release",
    time: Math.floor(Date.now() / 1000),
    publisher: toPublisherId(toHex(randomBytes(32))),
    key: toHex(signer.publicKey),
    seq: 1,
    prev: null,
    id: "io.example.endless",
    version: "1.0.0",
    manifest: { ...plainManifest, tags: long, keywords: long },
    content: addressOf(randomBytes(1024)),
  },
  [signer],
);
const operations = frame(encode({ envelopes: Array.from({ length: 60 }, () => envelope) }));

/** Sends until the other side ends the stream. */
async function flood(stream: Stream, protocol: string, next: () => Uint8Array, first?: Uint8Array): Promise<void> {
  let sent = 0;
  let isDrowned = false;
  const taken = (): number => sent - stream.writeBufferLength;
  const cut = (): void => say("cut", { protocol, bytes: taken() });
  if (stream.status === "open") stream.addEventListener("close", cut, { once: true });
  else return cut();
  if (first !== undefined) stream.send(first);
  while (stream.status === "open" && !isDrowned) {
    const bytes = next();
    try {
      stream.send(bytes);
    } catch {
      return;
    }
    sent += bytes.byteLength;
    if (taken() > drownedBytes) {
      isDrowned = true;
      say("drowned", { protocol, bytes: taken() });
      stream.abort(new Error("enough"));
    }
    // One turn at least, so that the other side's end is seen.
    do await new Promise((resolve) => setTimeout(resolve, 0));
    while (stream.writeBufferLength > 1 << 20 && stream.status === "open");
  }
}

const node = await createLibp2p({
  addresses: { listen: [`/ip4/${host}/tcp/0`] },
  transports: [tcp()],
  connectionEncrypters: [tls()],
  streamMuxers: [yamux()],
  services: { identify: identify() },
});

const handle = (protocol: string, onFirst: (stream: Stream) => void): Promise<void> =>
  node.handle(protocol, (stream: Stream) => {
    stream.addEventListener("message", () => onFirst(stream), { once: true });
  });

if (mode === "sync") {
  await node.handle(protocols.sync, (stream: Stream) => {
    let bytes = 0;
    stream.addEventListener("message", () => {
      const answer = inventedIds(16_000, true);
      bytes += answer.byteLength;
      stream.send(answer);
      if (bytes > drownedBytes) {
        say("drowned", { protocol: mode, bytes });
        stream.abort(new Error("enough"));
      }
    });
    stream.addEventListener("close", () => say("cut", { protocol: mode, bytes }), { once: true });
  });
  // What was listed is not given, however much of it is asked for.
  const nothing = frame(encode({ end: true, more: false }));
  await handle(protocols.operations, (stream) => {
    for (let answers = 0; answers < 1000; answers += 1) stream.send(nothing);
  });
}
if (mode === "operations") {
  await node.handle(protocols.sync, (stream: Stream) => {
    stream.addEventListener("message", () => void stream.send(inventedIds(512, false)));
  });
  await handle(protocols.operations, (stream) => void flood(stream, mode, () => operations));
}
if (mode === "search") {
  await node.handle(protocols.sync, () => {});
  const total = frame(encode({ total: 1 }));
  await handle(protocols.search, (stream) => void flood(stream, mode, () => operations, total));
}
if (mode === "chunks") {
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0]);
  await handle(
    protocols.chunks,
    (stream) => void flood(stream, mode, () => Buffer.concat([header, randomBytes(1 << 20)])),
  );
}
if (mode === "receipt") {
  const answers = Buffer.concat(Array.from({ length: 64 }, () => frame(randomBytes(1000))));
  await handle(protocols.receipt, (stream) => void flood(stream, mode, () => answers));
}

say("ready", { peerId: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) });

if (mode === "pour") {
  const connection = await node.dial(multiaddr(victim));
  const noise = frame(randomBytes(60_000));
  const { sync, operations, chunks, direct, search, receipt } = protocols;
  const each = [sync, operations, chunks, direct, search, receipt];
  for (const protocol of each) {
    const stream = await connection.newStream(protocol);
    void flood(stream, protocol, () => noise);
  }
}
