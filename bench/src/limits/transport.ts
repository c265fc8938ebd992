import { fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { median } from "../measure/median.ts";
import { pskCipher, pskIdentity, pskKey } from "./psk.ts";

/** How bytes are carried. */
export type Carrier = "tcp" | "tls";

const runs = 3;
const megabytes = 256;
const known = new Map<Carrier, number>();

/**
 * MB/s at which one process sends to another over loopback, nothing else done with the bytes: the limit of any transfer.
 * Measured once per run of the benchmark.
 */
export async function transportLimit(carrier: Carrier): Promise<number> {
  const earlier = known.get(carrier);
  if (earlier !== undefined) return earlier;
  const samples: number[] = [];
  for (let run = 0; run < runs; run += 1) samples.push(await measure(carrier));
  const value = median(samples);
  known.set(carrier, value);
  return value;
}

async function measure(carrier: Carrier): Promise<number> {
  const server =
    carrier === "tcp"
      ? createTcpServer()
      : createTlsServer({
          pskCallback: () => pskKey,
          pskIdentityHint: pskIdentity,
          ciphers: pskCipher,
          maxVersion: "TLSv1.2",
        });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const child = fork(join(import.meta.dirname, "sender.ts"), [carrier, String(port), String(megabytes)]);
  try {
    const [socket] = (await once(server, carrier === "tcp" ? "connection" : "secureConnection")) as [Socket];
    let received = 0;
    let since = 0;
    socket.on("data", (chunk: Buffer) => {
      if (received === 0) since = performance.now();
      received += chunk.byteLength;
    });
    await once(socket, "end");
    return received / 1e6 / ((performance.now() - since) / 1000);
  } finally {
    child.kill();
    server.close();
  }
}
