import { GgenError } from "@ggen/p2p-types";
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";

/** Parses a multiaddr. @throws GgenError `address.invalid` */
export function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address);
  } catch (cause) {
    throw new GgenError("address.invalid", `"${address.slice(0, 200)}" is not a multiaddr`, {
      expected: "/ip4/HOST/tcp/PORT/p2p/PEER_ID",
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

/** The IP address of the first TCP address; undefined when there is none. @param addresses - multiaddrs */
export function hostOf(addresses: readonly string[]): string | undefined {
  for (const address of addresses) {
    const host = /^\/ip[46]\/([^/]+)\/tcp\//.exec(address)?.[1];
    if (host !== undefined) return host;
  }
  return undefined;
}
