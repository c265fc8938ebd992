/** Hostile bytes for what leads to direct connections. */
import { connect } from "node:net";

import { equalBytes, silentLogger, systemClock, systemRandom, toHex } from "@ggen/p2p-types";

import { createBufferPool } from "../../src/chunks/buffer-pool.ts";
import { DirectServer } from "../../src/direct/direct-server.ts";
import {
  decodeDirectQuestion,
  decodeDirectTicket,
  directAccepted,
  directTokenBytes,
  encodeDirectQuestion,
  encodeDirectRequest,
  encodeDirectTicket,
  parseBearer,
  readDirectAnswer,
} from "../../src/wire/direct-messages.ts";

const host = "127.0.0.1";
/** Stands in inputs for a ticket that is good. */
const placeholder = "ab".repeat(directTokenBytes);
const request = Buffer.from(encodeDirectRequest(host, { port: 4001, token: Buffer.from(placeholder, "hex") })).toString(
  "latin1",
);

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

async function startServer(): Promise<DirectServer> {
  const server = new DirectServer({
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    pool: createBufferPool(1),
    hostsOf: () => [host],
    serve: (channel) => channel.close(),
  });
  await server.start(host);
  return server;
}

/** Sends raw bytes and reads until the other side closes the connection. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.end(bytes, "latin1"));
    const pieces: Buffer[] = [];
    socket.on("data", (piece) => pieces.push(piece));
    socket.on("error", () => {});
    socket.on("close", () => resolve(Buffer.concat(pieces).toString("latin1")));
  });
}

let running: Promise<DirectServer> | undefined;

export const directTargets = {
  "direct ticket": {
    kind: "cbor",
    seeds: [encodeDirectTicket({ port: 1024, token: new Uint8Array(directTokenBytes).fill(7) })],
    words: ["port", "token"],
    maxBytes: 256,
    run(input: Uint8Array) {
      const ticket = decodeDirectTicket(input);
      check(ticket.port >= 1024 && ticket.port <= 65_535, `port ${ticket.port}`);
      const again = decodeDirectTicket(encodeDirectTicket(ticket));
      check(again.port === ticket.port && equalBytes(again.token, ticket.token), "a ticket that changes");
      check(
        parseBearer(`Bearer ${toHex(ticket.token)}`) === toHex(ticket.token),
        "a token that its header does not carry",
      );
      return (ticket.port >> 10).toString();
    },
  },
  "direct question": {
    kind: "cbor",
    seeds: [encodeDirectQuestion()],
    maxBytes: 256,
    run(input: Uint8Array) {
      decodeDirectQuestion(input);
      check(equalBytes(encodeDirectQuestion(), input), "two questions for a ticket");
    },
  },
  "direct answer": {
    kind: "text",
    seeds: [Buffer.from(directAccepted).toString("latin1"), "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n"],
    words: ["\r\n", "\r\n\r\n", "HTTP/1.1 101", "Upgrade:", " ggen-chunks/1", "HTTP/1.0"],
    maxBytes: 2048,
    run(input: Uint8Array) {
      const isWhole = readDirectAnswer(input);
      // What comes in pieces is taken at the same place.
      if (isWhole) {
        for (let at = 0; at < input.byteLength; at++) {
          check(!readDirectAnswer(input.subarray(0, at)), `an answer that is whole after ${at} bytes`);
        }
      }
      return isWhole;
    },
  },
  "direct request": {
    kind: "text",
    seeds: [request, request.replace(placeholder, "00".repeat(directTokenBytes)), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    words: [
      "\r\n",
      "\r\n\r\n",
      "GET ",
      "Upgrade: ggen-chunks/1",
      "Authorization: Bearer ",
      placeholder,
      "Content-Length: 5",
      "Transfer-Encoding: chunked",
      "Connection: Upgrade",
    ],
    maxBytes: 2048,
    async run(input: Uint8Array) {
      const server = await (running ??= startServer());
      const ticket = server.issue("peer");
      check(ticket !== undefined, "no ticket");
      if (ticket === undefined) return false;
      const token = toHex(ticket.token);
      const text = Buffer.from(input).toString("latin1").replaceAll(placeholder, token);
      const answer = await exchange(ticket.port, text);
      const [, status = ""] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
      check(status !== "101" || text.includes(`Bearer ${token}`), "a connection without a ticket");
      return status === "101" ? "101" : false;
    },
  },
};
