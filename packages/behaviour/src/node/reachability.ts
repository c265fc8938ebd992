import { BlockList } from "node:net";

import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";

import { ipOf } from "./address-group.ts";

/** Whether others can dial a node, as far as is known. */
export type Reachability = "unknown" | "public" | "private";

const local = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  local.addSubnet(network, prefix, "ipv4");
}
local.addAddress("::1", "ipv6");
local.addSubnet("fc00::", 7, "ipv6");
local.addSubnet("fe80::", 10, "ipv6");

function isPrivate(host: string): boolean {
  return local.check(host, host.includes(":") ? "ipv6" : "ipv4");
}

/** Whether an address is one of the public internet: who dialled from there proves that others can, too. */
export function isPublicAddress(address: Multiaddr): boolean {
  const host = ipOf(address);
  return host !== undefined && !isPrivate(host);
}

/**
 * What a node's own addresses tell: `private` when every one of them is of a private range. A public address proves
 * nothing before somebody has dialled it.
 * @param addresses - multiaddrs
 */
export function reachabilityOf(addresses: readonly string[]): Exclude<Reachability, "public"> {
  const hosts = addresses.flatMap((address) => ipOf(multiaddr(address)) ?? []);
  return hosts.length > 0 && hosts.every((host) => isPrivate(host)) ? "private" : "unknown";
}
