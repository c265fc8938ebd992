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
