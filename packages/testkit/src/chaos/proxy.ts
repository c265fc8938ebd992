import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

import { type Direction, type Fault, Tamperer } from "./tamper.ts";

/** A TCP proxy whose faults can be changed while it runs. */
export interface ChaosProxy {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** Connections that were accepted so far. */
  readonly connections: number;
  /** Bytes that were passed on, after the faults. */
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Replaces the faults; they hold for what arrives from now on, also on open connections. */
  setFaults(faults: readonly Fault[]): void;
  /** Cuts every open connection with a reset; new ones are still accepted. */
  cutAll(): void;
  /** Cuts everything and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts a proxy on a free loopback port.
 * @param target - where connections are passed on to
 * @param faults - what to do to the bytes; none when absent
 */
export async function startChaosProxy(
  target: { readonly host: string; readonly port: number },
  faults: readonly Fault[] = [],
): Promise<ChaosProxy> {
  let current = faults;
  let connections = 0;
  const sockets = new Set<Socket>();
  const bytes = { "to-target": 0, "to-client": 0 };

  const pass = async (from: Socket, to: Socket, direction: Direction): Promise<void> => {
    const tamperer = new Tamperer(direction, () => current);
    try {
      for await (const piece of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        const { bytes: changed, cut } = await tamperer.apply(piece);
        if (changed.length > 0 && to.writable) {
          bytes[direction] += changed.length;
          const flushed = new Promise((resolve) => to.write(changed, resolve));
          if (cut || to.writableNeedDrain) await flushed;
        }
        if (cut) {
          from.resetAndDestroy();
          to.resetAndDestroy();
          return;
        }
      }
      to.end();
    } catch {
      to.resetAndDestroy();
    }
  };

  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    connections += 1;
    const upstream = connect({ host: target.host, port: target.port, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => sockets.delete(socket));
    }
    void pass(client, upstream, "to-target");
    void pass(upstream, client, "to-client");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const cutAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    bytes,
    setFaults(next) {
      current = next;
    },
    cutAll,
    async close() {
      cutAll();
      server.close();
      await once(server, "close");
    },
  };
}
