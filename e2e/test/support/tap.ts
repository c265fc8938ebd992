import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP relay that keeps what it passes on. */
export interface Tap {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** All bytes so far from whoever connected to the tap. */
  readonly toTarget: () => Buffer;
  readonly toClient: () => Buffer;
  close(): Promise<void>;
}

/** Listens on a free loopback port and passes every connection on to `target`. */
export async function startTap(target: { readonly host: string; readonly port: number }): Promise<Tap> {
  const sent: Buffer[] = [];
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes: Buffer) => sent.push(bytes)).pipe(upstream);
    upstream.on("data", (bytes: Buffer) => received.push(bytes)).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    toTarget: () => Buffer.concat(sent),
    toClient: () => Buffer.concat(received),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
