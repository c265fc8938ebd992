import { BlockList } from "node:net";

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

/**
 * Whether others can dial a node, as far as its addresses tell: `private` when every one of them is of a private range.
 * A public address proves nothing before somebody has dialled it, so the answer is never `public`.
 * @param addresses - multiaddrs
 */
export function reachabilityOf(addresses: readonly string[]): "unknown" | "private" {
  const hosts = addresses.flatMap((address) => {
    const [, family, host] = /^\/(ip4|ip6)\/([^/]+)/.exec(address) ?? [];
    return host === undefined ? [] : [{ host, family: family === "ip6" ? ("ipv6" as const) : ("ipv4" as const) }];
  });
  return hosts.length > 0 && hosts.every(({ host, family }) => local.check(host, family)) ? "private" : "unknown";
}
