import { connect, createServer, type Server } from "node:net";
import { once } from "node:events";

/** Whether something listens on a TCP port of the loopback address. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** The TCP port of a multiaddr or of a URL. */
export function portOf(address: string): number {
  const port = /\/tcp\/(\d+)/.exec(address)?.[1] ?? new URL(address).port;
  return Number(port);
}

/** Listens on a free port of the loopback address, so that nothing else can. Close it. */
export async function takePort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as { port: number }).port, server };
}
