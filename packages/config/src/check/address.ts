import { GgenError } from "@ggen/p2p-types";
import { type Component, type Multiaddr, multiaddr } from "@multiformats/multiaddr";

import type { Protocol } from "../config.ts";
import { peerIdKind } from "./peer-id.ts";

/** Longest address that is parsed, in characters. */
const maxAddressLength = 500;

function read(text: string): Multiaddr {
  if (text.length > maxAddressLength) throw new RangeError(`it has ${text.length} characters`);
  const address = multiaddr(text);
  const components = address.getComponents();
  if (components.length === 0) throw new RangeError("it is empty");
  // Some values, peer ids among them, are only looked at when the bytes are made.
  if (address.bytes.byteLength === 0) throw new RangeError("it is empty");
  for (const { name, value } of components) {
    if (name === "p2p" && peerIdKind(value ?? "") === undefined) throw new RangeError(`"${value}" is no peer id`);
  }
  return address;
}

/**
 * A multiaddr in canonical form.
 * @param text - from a file, a variable, a flag or a person
 * @throws GgenError `address.invalid`
 */
export function parseAddress(text: string): string {
  try {
    return read(text).toString();
  } catch (cause) {
    throw new GgenError("address.invalid", `"${text.slice(0, 200)}" is not a multiaddr`, {
      expected: "/ip4/HOST/tcp/PORT, with /p2p/PEER_ID after it where the peer is known",
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

/**
 * The peer id at the end of an address.
 * @param address - a valid multiaddr
 */
export function peerIdOf(address: string): string | undefined {
  return multiaddr(address)
    .getComponents()
    .findLast(({ name }) => name === "p2p")?.value;
}

/**
 * The transport that an address needs.
 * @param address - a valid multiaddr
 * @returns `any` when only a look-up or a relay can tell; undefined when no transport of ours speaks it
 */
export function transportOf(address: string): Protocol | "any" | undefined {
  return transportOfComponents(multiaddr(address).getComponents());
}

function transportOfComponents(components: readonly Component[]): Protocol | "any" | undefined {
  const names = new Set(components.map(({ name }) => name));
  if (names.has("dnsaddr") || names.has("p2p-circuit")) return "any";
  if (names.has("webtransport") || names.has("webrtc") || names.has("memory")) return undefined;
  if (names.has("webrtc-direct")) return "webrtc-direct";
  if (names.has("quic-v1")) return "quic";
  if (names.has("ws") || names.has("wss")) return "websocket";
  return names.has("tcp") ? "tcp" : undefined;
}

/**
 * Why no connection to an address can come about, as far as the address alone tells.
 * @param address - a valid multiaddr
 * @param protocols - those that are enabled
 * @returns undefined when nothing speaks against it
 */
export function whyUnreachable(address: string, protocols: readonly Protocol[]): string | undefined {
  const components = multiaddr(address).getComponents();
  const transport = transportOfComponents(components);
  if (transport === undefined) return "it names no transport that ggen speaks";
  if (transport !== "any" && !protocols.includes(transport)) return `network.protocols does not hold "${transport}"`;
  for (const { name, value } of components) {
    if ((name === "ip4" && value === "0.0.0.0") || (name === "ip6" && value === "::")) return "it names no host";
    if ((name === "tcp" || name === "udp") && value === "0") return "it names no port";
  }
  const peerId = components.findLast(({ name }) => name === "p2p")?.value;
  if (peerId !== undefined && peerIdKind(peerId) !== "ed25519") {
    return "its peer id is not of an Ed25519 key, which every ggen node has, so whatever answers there is not a ggen node";
  }
  return undefined;
}
