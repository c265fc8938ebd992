import { createSocket } from "node:dgram";

import { describe, expect, it } from "vitest";

import { startNode } from "../support/node.ts";

/** Whether multicast comes back to this machine; without a route for it, it silently does not. */
function hasMulticast(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    const end = (works: boolean): void => {
      clearTimeout(timer);
      socket.close();
      resolve(works);
    };
    const timer = setTimeout(() => end(false), 500);
    socket.on("error", () => end(false));
    socket.on("message", () => end(true));
    socket.bind(0, () => {
      try {
        socket.addMembership("224.0.0.251");
        socket.send("ggen", socket.address().port, "224.0.0.251");
      } catch {
        end(false);
      }
    });
  });
}

describe.runIf(await hasMulticast())("mDNS, where multicast works", () => {
  it("lets two nodes meet with no configuration", async () => {
    const init = { network: { mdns: true }, p2p: { listenAddresses: ["/ip4/0.0.0.0/tcp/0"] } };
    const a = await startNode(init);
    const met = new Set<string>();
    a.behaviour.onPeer(({ type, peerId }) => {
      // Other nodes may be about on this network: only the two of this test count.
      if (type === "identify") met.add(peerId);
    });
    const b = await startNode(init);
    await expect.poll(() => met.has(b.behaviour.peerId)).toBe(true);
    const [here, there] = await Promise.all([a.behaviour.peers(), b.behaviour.peers()]);
    const ways = [
      here.find(({ peerId }) => peerId === b.behaviour.peerId)?.discoveredBy,
      there.find(({ peerId }) => peerId === a.behaviour.peerId)?.discoveredBy,
    ];
    expect(ways).toContain("mdns");
  });
});
