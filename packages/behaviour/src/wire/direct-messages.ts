import { GgenError, toHex } from "@ggen/p2p-types";

import { decodeMessage, encodeMessage } from "./dag-cbor.ts";

/** Largest frame of `/ggen/direct/1` in bytes. */
export const maxDirectFrameBytes = 128;
/** Bytes of a ticket's token. */
export const directTokenBytes = 32;
/** Largest head of an HTTP request or answer of a direct connection in bytes. */
export const maxDirectHeadBytes = 1024;
/** What a direct connection asks for, and becomes. */
export const directPath = "/ggen/chunks/1";
/** The value of `Upgrade` on both sides. */
export const directUpgrade = "ggen-chunks/1";

const lowestPort = 1024;
const headEnd = "\r\n\r\n";

/** Where, and with what, a peer may connect directly; good once, for its asker only. */
export interface DirectTicket {
  /** TCP port, 1024-65535, on the address of the connection over which the ticket came. */
  readonly port: number;
  /** {@link directTokenBytes} random bytes. */
  readonly token: Uint8Array;
}

/** The question for a ticket: an empty map. */
export function encodeDirectQuestion(): Uint8Array {
  return encodeMessage({});
}

/** Checks the question for a ticket. @throws GgenError `network.protocol` */
export function decodeDirectQuestion(bytes: Uint8Array): void {
  decodeMessage(bytes).end();
}

/** Encodes a ticket. */
export function encodeDirectTicket({ port, token }: DirectTicket): Uint8Array {
  return encodeMessage({ port, token });
}

/** Decodes a ticket. System ports are refused: nobody is sent to talk to a mail server. @throws GgenError `network.protocol` */
export function decodeDirectTicket(bytes: Uint8Array): DirectTicket {
  const fields = decodeMessage(bytes);
  const port = fields.integer("port", lowestPort, 65_535);
  const token = fields.bytes("token", directTokenBytes, directTokenBytes);
  fields.end();
  return { port, token };
}

/** The head of the request that turns an HTTP connection into a direct one. @param host - IP address */
export function encodeDirectRequest(host: string, { port, token }: DirectTicket): Uint8Array {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const lines = [
    `GET ${directPath} HTTP/1.1`,
    `Host: ${authority}`,
    "Connection: Upgrade",
    `Upgrade: ${directUpgrade}`,
    `Authorization: Bearer ${toHex(token)}`,
  ];
  return new TextEncoder().encode(lines.join("\r\n") + headEnd);
}

/** The whole answer to it; chunk messages follow. */
export const directAccepted: Uint8Array = new TextEncoder().encode(
  ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", `Upgrade: ${directUpgrade}`].join("\r\n") + headEnd,
);

/** The token in an `Authorization` header; undefined when it has not exactly the form of one. */
export function parseBearer(header: string | undefined): string | undefined {
  return /^Bearer ([0-9a-f]{64})$/.exec(header ?? "")?.[1];
}

/**
 * Looks for the end of an answer's head.
 * @param bytes - all that came so far
 * @returns false while it is not all here
 * @throws GgenError `network.protocol` for anything but the one answer that accepts: a redirect or an error page too
 */
export function readDirectAnswer(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const end = text.indexOf(headEnd);
  if (end === -1 && text.length < maxDirectHeadBytes) return false;
  const [status = "", ...headers] = text.slice(0, end === -1 ? 0 : end).split("\r\n");
  const isAccepted =
    /^HTTP\/1\.1 101(?: |$)/.test(status) &&
    headers.some((line) => line.toLowerCase().replaceAll(" ", "") === `upgrade:${directUpgrade}`) &&
    end + headEnd.length === text.length;
  if (isAccepted) return true;
  throw new GgenError("network.protocol", "A peer refused a direct connection", {
    expected: "HTTP/1.1 101 and nothing after its head",
    got: status.slice(0, 80),
  });
}
