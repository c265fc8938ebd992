import { createSocket } from "node:dgram";
import { once } from "node:events";

import { decode, encode } from "dns-packet";
import { onTestFinished } from "vitest";

/** What the server says of one name: texts, that the name does not exist, that it has none, a failure, or nothing. */
export type Zone = Record<string, readonly string[] | "nxdomain" | "servfail" | "silence">;

/** A DNS server on loopback that answers from a zone which the test may change. */
export interface DnsServer {
  /** `IP:PORT`. */
  readonly address: string;
  readonly zone: Zone;
  /** Names that were asked for, in order. */
  readonly asked: readonly string[];
}

const rcodes = { nxdomain: 3, servfail: 2 } as const;

/** Starts a server that ends with the test. */
export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (bytes, peer) => {
    const { id, questions = [] } = decode(bytes);
    const name = questions[0]?.name ?? "";
    asked.push(name);
    const said = zone[name] ?? "nxdomain";
    if (said === "silence") return;
    const answers =
      typeof said === "string"
        ? []
        : said.map((text) => ({ type: "TXT", class: "IN", name, ttl: 60, data: pieces(text) }) as const);
    const flags = typeof said === "string" ? rcodes[said] : 0;
    socket.send(encode({ type: "response", id: id ?? 0, flags, questions, answers }), peer.port, peer.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        socket.close(() => resolve());
      }),
  );
  return { address: `127.0.0.1:${socket.address().port}`, zone, asked };
}

/** A text as a TXT record carries it: strings of at most 255 bytes. */
function pieces(text: string): string[] {
  return text.match(/.{1,255}/gs) ?? [""];
}
