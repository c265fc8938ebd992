import { BlockList, isIP } from "node:net";

import { GgenError } from "@ggen/p2p-types";
import type { Connection, ConnectionGater } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";

import { limits } from "../limits/limits.ts";
import { groupOf, ipOf } from "./address-group.ts";
import type { NodeSettings } from "./init.ts";

/**
 * Decides who may connect: allowed and denied peers, denied addresses, and how many inbound connections an address and
 * its group may hold. Loopback is exempt from the counts: many nodes may share a machine.
 * @param connections - those that are open now
 * @throws GgenError `config.invalid` for a denied address that is neither an IP address nor a CIDR range
 */
export function createGater(
  settings: Pick<NodeSettings, "allowPeers" | "denyPeers" | "denyAddresses">,
  connections: () => readonly Connection[],
): ConnectionGater {
  const allowed = new Set(settings.allowPeers);
  const denied = new Set(settings.denyPeers);
  const blocked = toBlockList(settings.denyAddresses);

  const deniesPeer = (peerId: string): boolean => denied.has(peerId) || (allowed.size > 0 && !allowed.has(peerId));
  const deniesAddress = (address: Multiaddr): boolean => {
    const host = ipOf(address);
    return host !== undefined && blocked.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
  };
  const isCrowded = (address: Multiaddr): boolean => {
    const host = ipOf(address);
    if (host === undefined || isLoopback(host)) return false;
    const others = connections()
      .filter(({ direction }) => direction === "inbound")
      .map(({ remoteAddr }) => ipOf(remoteAddr));
    const group = groupOf(host);
    return (
      others.filter((other) => other === host).length >= limits.connectionsPerAddress ||
      others.filter((other) => other !== undefined && groupOf(other) === group).length >= limits.connectionsPerGroup
    );
  };

  return {
    denyDialPeer: (peer) => deniesPeer(peer.toString()),
    denyDialMultiaddr: deniesAddress,
    denyInboundConnection: ({ remoteAddr }) => deniesAddress(remoteAddr) || isCrowded(remoteAddr),
    denyInboundEncryptedConnection: (peer) => deniesPeer(peer.toString()),
    denyOutboundEncryptedConnection: (peer) => deniesPeer(peer.toString()),
    filterMultiaddrForPeer: (_peer, address) => !deniesAddress(address),
  };
}

/** @throws GgenError `config.invalid` for what is neither an IP address nor a CIDR range */
export function checkDeniedAddresses(addresses: readonly string[]): void {
  toBlockList(addresses);
}

function toBlockList(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of addresses) {
    const [host = "", bits] = text.split("/");
    const family = isIP(host);
    const prefix = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > (family === 6 ? 128 : 32)) {
      throw new GgenError("config.invalid", "security.deny_addresses holds what is not an address", {
        expected: "IP addresses or CIDR ranges, e.g. 10.0.0.0/8",
        got: text,
      });
    }
    list.addSubnet(host, prefix, family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}
