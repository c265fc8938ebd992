import { isIP } from "node:net";

import type { Multiaddr } from "@multiformats/multiaddr";

/** The IP address in a multiaddr; of a relayed one that of its relay. */
export function ipOf(address: Multiaddr): string | undefined {
  const part = address.getComponents().find(({ name }) => name === "ip4" || name === "ip6");
  return part?.value;
}

/**
 * The network that an IP address belongs to, as far as addresses tell: the /24 of an IPv4 address, the /48 of an IPv6
 * address. Whoever has one address of it easily has all of them.
 */
export function groupOf(host: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1] ?? host;
  if (isIP(mapped) === 4) return mapped.split(".").slice(0, 3).join(".");
  const [head = "", tail] = mapped.split("::");
  const words = head.split(":").filter((word) => word !== "");
  const missing = tail === undefined ? 0 : 8 - words.length - tail.split(":").filter((word) => word !== "").length;
  return [...words, ...Array.from({ length: missing }, () => "0")].slice(0, 3).join(":");
}
