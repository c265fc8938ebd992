import { multiaddr } from "@multiformats/multiaddr";
import { expect, it } from "vitest";

import { groupOf, ipOf } from "../../src/node/address-group.ts";

it.each([
  ["203.0.113.7", "203.0.113"],
  ["::ffff:203.0.113.7", "203.0.113"],
  ["2001:db8:1:2::3", "2001:db8:1"],
  ["2001:db8::3", "2001:db8:0"],
  ["::1", "0:0:0"],
])("%s is of the network %s", (host, group) => {
  expect(groupOf(host)).toBe(group);
});

it("a relayed peer counts as one of its relay's network", () => {
  const relay = "/ip4/203.0.113.7/tcp/4001/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo";
  expect(ipOf(multiaddr(`${relay}/p2p-circuit`))).toBe("203.0.113.7");
});
