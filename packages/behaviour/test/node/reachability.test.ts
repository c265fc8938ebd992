import { multiaddr } from "@multiformats/multiaddr";
import { expect, it } from "vitest";

import { isPublicAddress, reachabilityOf } from "../../src/node/reachability.ts";
import { startNode } from "../support/node.ts";

it.each([
  "/ip4/127.0.0.1/tcp/1",
  "/ip4/10.1.2.3/tcp/1",
  "/ip4/100.64.0.1/tcp/1",
  "/ip4/169.254.1.1/tcp/1",
  "/ip4/172.31.255.255/udp/1/quic-v1",
  "/ip4/192.168.1.1/tcp/1/ws",
  "/ip6/::1/tcp/1",
  "/ip6/fd00::1/tcp/1",
  "/ip6/fe80::1/tcp/1",
  "/ip6/::ffff:10.0.0.1/tcp/1",
])("%s is private", (address) => {
  expect(isPublicAddress(multiaddr(address))).toBe(false);
  expect(reachabilityOf([address])).toBe("private");
});

it.each(["/ip4/172.32.0.1/tcp/1", "/ip4/100.128.0.1/tcp/1", "/ip4/8.8.8.8/tcp/1", "/ip6/2001:db8::1/tcp/1"])(
  "%s is public, which proves nothing of one's own",
  (address) => {
    expect(isPublicAddress(multiaddr(address))).toBe(true);
    expect(reachabilityOf(["/ip4/127.0.0.1/tcp/1", address])).toBe("unknown");
  },
);

it("names and nothing tell nothing", () => {
  expect(isPublicAddress(multiaddr("/dns4/example.org/tcp/1"))).toBe(false);
  expect(reachabilityOf([])).toBe("unknown");
  expect(reachabilityOf(["/dns4/example.org/tcp/1"])).toBe("unknown");
});

it("a node on a loopback address is private", async () => {
  const { behaviour } = await startNode();
  expect(behaviour.reachability()).toBe("private");
});
