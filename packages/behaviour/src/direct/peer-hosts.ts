import type { Libp2p } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";

/**
 * The IP addresses of the open connections to a peer, relayed ones excepted: what it is known under, and proved to be
 * reachable at or to come from. Names are left out, since they may mean another machine the next time.
 */
export function hostsOf(libp2p: Libp2p, peerId: string): string[] {
  return libp2p
    .getConnections(peerIdFromString(peerId))
    .filter(({ direct, limits, status }) => direct && limits === undefined && status === "open")
    .flatMap(({ remoteAddr }) =>
      remoteAddr
        .getComponents()
        .slice(0, 1)
        .filter(({ name }) => name === "ip4" || name === "ip6")
        .map(({ value = "" }) => plainAddress(value)),
    );
}

/** An IP address in the form in which two can be compared: an IPv4 address within an IPv6 one is itself. */
export function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, "");
}
