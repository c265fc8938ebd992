import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import type { Clock, Logger, RandomSource } from "@ggen/p2p-types";

import type { BufferPool } from "../chunks/buffer-pool.ts";
import type { ChunkChannel } from "../chunks/chunk-channel.ts";
import { limits } from "../limits/limits.ts";
import {
  directAccepted,
  directPath,
  type DirectTicket,
  directUpgrade,
  maxDirectHeadBytes,
  parseBearer,
} from "../wire/direct-messages.ts";
import { plainAddress } from "./peer-hosts.ts";
import { createSocketChannel } from "./socket-channel.ts";
import { Tickets } from "./tickets.ts";

/** What the server needs. */
export interface DirectServerComponents {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly pool: BufferPool;
  /** IP addresses of the open, authenticated connections to a peer; none when it is not connected. */
  hostsOf(peerId: string): readonly string[];
  /** Answers what a peer asks for; a rejection ends the connection. */
  serve(channel: ChunkChannel, peerId: string): Promise<void>;
}

interface Served {
  readonly peerId: string;
  lastMs: number;
}

/**
 * Serves chunks over plain TCP connections that begin as HTTP, to peers that are connected and authenticated over
 * libp2p: to their addresses only, with a ticket that came over that connection, as long as it lasts.
 */
export class DirectServer {
  readonly #components: DirectServerComponents;
  readonly #tickets: Tickets;
  readonly #server: Server;
  readonly #served = new Map<Socket, Served>();
  #stopSweeping: () => void = () => {};

  constructor(components: DirectServerComponents) {
    this.#components = components;
    this.#tickets = new Tickets(components.clock, components.random);
    this.#server = createServer({
      maxHeaderSize: maxDirectHeadBytes,
      headersTimeout: limits.directConnectMs,
      requestTimeout: limits.directConnectMs,
      connectionsCheckingInterval: 1000,
      insecureHTTPParser: false,
    });
    this.#server.maxConnections = limits.directConnections;
    this.#server.on("request", (request, response) => {
      response.writeHead(404, { Connection: "close", "Content-Length": 0 }).end();
      request.resume();
    });
    this.#server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Uint8Array) => {
      const peerId = head.byteLength === 0 ? this.#admit(request, socket) : undefined;
      if (peerId === undefined) refuse(socket);
      else void this.#serve(socket, peerId);
    });
  }

  /** The port that it listens on; undefined before and after. */
  get port(): number | undefined {
    return (this.#server.address() as AddressInfo | null)?.port;
  }

  /** Listens on any free port. @param host - IP address @throws the reason when it cannot */
  async start(host: string): Promise<void> {
    const { clock } = this.#components;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port: 0, exclusive: true }, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    this.#server.on("error", (error) => {
      this.#components.logger.log("warn", "direct connections failed", { error: String(error) });
    });
    this.#stopSweeping = clock.every(limits.idleStreamMs / 4, () => this.#sweep());
  }

  /** A ticket for a connected peer; undefined while nothing is served. */
  issue(peerId: string): DirectTicket | undefined {
    const { port } = this;
    return port === undefined ? undefined : { port, token: this.#tickets.issue(peerId) };
  }

  /** A peer is not connected any more: neither directly. */
  drop(peerId: string): void {
    for (const [socket, served] of this.#served) if (served.peerId === peerId) socket.destroy();
  }

  stop(): void {
    this.#stopSweeping();
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#served.keys()) socket.destroy();
  }

  /** @returns whose the connection is; undefined when it is not to be */
  #admit({ method, url, headers }: IncomingMessage, socket: Socket): string | undefined {
    const isPlain = headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
    if (method !== "GET" || url !== directPath || headers.upgrade !== directUpgrade || !isPlain) return undefined;
    const token = parseBearer(headers.authorization);
    const peerId = token === undefined ? undefined : this.#tickets.redeem(token);
    if (peerId === undefined) return undefined;
    const own = [...this.#served.values()].filter((served) => served.peerId === peerId);
    if (own.length >= limits.directConnectionsPeer) return undefined;
    return this.#components.hostsOf(peerId).includes(plainAddress(socket.remoteAddress ?? "")) ? peerId : undefined;
  }

  async #serve(socket: Socket, peerId: string): Promise<void> {
    const { clock, logger, pool } = this.#components;
    const served: Served = { peerId, lastMs: clock.monotonic() };
    const touch = (): void => {
      served.lastMs = clock.monotonic();
    };
    this.#served.set(socket, served);
    socket.setNoDelay(true);
    socket.on("close", () => this.#served.delete(socket));
    socket.on("data", touch);
    socket.on("drain", touch);
    try {
      const channel = createSocketChannel(socket, pool);
      socket.write(directAccepted);
      await this.#components.serve(channel, peerId);
    } catch (error) {
      logger.log("debug", "a direct connection was ended", { peerId, error: String(error) });
      socket.destroy();
    }
  }

  #sweep(): void {
    const oldest = this.#components.clock.monotonic() - limits.idleStreamMs;
    for (const [socket, { lastMs }] of this.#served) if (lastMs < oldest) socket.destroy();
  }
}

function refuse(socket: Socket): void {
  socket.on("error", () => {});
  socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", () => socket.destroy());
}
