import { describe, expect, it } from "vitest";

import { findKey, loadConfig, parseAddress, peerIdKind, peerIdOf, whyUnreachable } from "../../src/index.ts";
import { refusalOf } from "../errors.ts";
import { homeWith, peerA } from "../fixtures.ts";

describe("parseAddress", () => {
  it("gives the canonical form", () => {
    expect(parseAddress(`/ip4/127.0.0.1/tcp/4001/ipfs/${peerA}`)).toBe(`/ip4/127.0.0.1/tcp/4001/p2p/${peerA}`);
    expect(peerIdOf(`/ip4/127.0.0.1/tcp/4001/p2p/${peerA}`)).toBe(peerA);
    expect(peerIdOf("/ip4/127.0.0.1/tcp/4001")).toBeUndefined();
  });

  it.each([
    "",
    "/",
    "node1",
    "/ip4/1.2.3",
    "/ip4/1.2.3.4/tcp/99999",
    "/ip4/1.2.3.4/tcp/1/p2p/",
    "/ip4/1.2.3.4/tcp/1/p2p/QmNotAPeer",
    "/ip4/1.2.3.4/tcp/1/p2p/12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4PJ5eAR1XBLS5b",
    `/dns4/${"a".repeat(600)}/tcp/1`,
  ])("refuses %j", async (text) => {
    const error = await refusalOf(() => parseAddress(text), "address.invalid");
    expect(error.got).toBeTruthy();
  });
});

describe("peerIdKind", () => {
  it("tells Ed25519 keys, hashes of keys and other keys apart", () => {
    expect(peerIdKind(peerA)).toBe("ed25519");
    expect(peerIdKind("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG")).toBe("hashed");
    expect(peerIdKind("16Uiu2HAkuZWa5aaRfaAmYGi4wN32Vji7D9ubrxY9G5d62uweD4hP")).toBe("other");
    expect(peerIdKind("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")).toBeUndefined();
    expect(peerIdKind("1".repeat(300))).toBeUndefined();
  });
});

describe("whyUnreachable", () => {
  it.each([
    [`/ip4/203.0.113.1/tcp/4001/p2p/${peerA}`, undefined],
    ["/dns4/example.org/tcp/4001", undefined],
    [`/dnsaddr/example.org/p2p/${peerA}`, undefined],
    ["/ip4/104.131.131.83/tcp/4001/p2p/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", "Ed25519"],
    ["/ip4/0.0.0.0/tcp/4001", "host"],
    ["/ip6/::/tcp/4001", "host"],
    ["/ip4/203.0.113.1/tcp/0", "port"],
    ["/ip4/203.0.113.1", "transport"],
    ["/ip4/203.0.113.1/udp/4001/quic-v1/webtransport", "transport"],
    ["/ip4/203.0.113.1/udp/4001/quic-v1", "network.protocols"],
    ["/ip4/203.0.113.1/tcp/4001/ws", "network.protocols"],
    ["/ip4/203.0.113.1/udp/4001/webrtc-direct", "network.protocols"],
  ])("%s: %s", (address, reason) => {
    const found = whyUnreachable(address, ["tcp"]);
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(reason);
  });

  it("is a warning for each such bootstrap node, and the configuration loads", async () => {
    const env = { [findKey("p2p.bootstrap_nodes")?.environment ?? ""]: "/ip4/0.0.0.0/tcp/1,/ip4/203.0.113.1/tcp/1" };
    const { warnings, config } = await loadConfig({ home: await homeWith(), env });
    expect(warnings).toEqual(["p2p.bootstrap_nodes: /ip4/0.0.0.0/tcp/1 cannot be reached: it names no host"]);
    expect(config.p2p.bootstrapNodes).toHaveLength(2);
  });
});
