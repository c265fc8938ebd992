import { readFile } from "node:fs/promises";

import { type Clock, familyVersion, GgenError, type Logger, protocols } from "@ggen/p2p-types";
import { gossipsub, type GossipSub } from "@chainsafe/libp2p-gossipsub";
import { noise } from "@chainsafe/libp2p-noise";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { identify, type Identify, identifyPush, type IdentifyPush } from "@libp2p/identify";
import type { Libp2p, PeerDiscovery } from "@libp2p/interface";
import { kadDHT, type KadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { mdns, type MulticastDNSComponents } from "@libp2p/mdns";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { ping, type Ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2pOptions } from "libp2p";

import { guardDatastore } from "../datastore/provider-quota.ts";
import { openSqliteDatastore } from "../datastore/sqlite-datastore.ts";
import { gossipOptions } from "../gossip/gossip-options.ts";
import type { EnvelopeVerdicts } from "../gossip/verdicts.ts";
import { limits } from "../limits/limits.ts";
import { createGater } from "./gater.ts";
import type { NodeSettings } from "./init.ts";

/** libp2p's services in this node. */
export interface NodeServices extends Record<string, unknown> {
  readonly identify: Identify;
  readonly identifyPush: IdentifyPush;
  readonly ping: Ping;
  readonly dht: KadDHT;
  readonly pubsub: GossipSub;
}

/** A libp2p node that is made and not started, with what has to be closed after it. */
export interface Libp2pNode {
  readonly libp2p: Libp2p<NodeServices>;
  /** Provider rows held, this node's own included. */
  readonly providerRows: () => number;
  /** What this node itself provides: digests in hexadecimal. */
  readonly ownDigests: () => readonly string[];
  readonly close: () => void;
}

/**
 * Peers of a bucket, of an answer, and that a record is given to. Buckets of 8 with 3 disjoint paths of 3: a lookup over
 * 20 nodes takes a fifth of what the defaults take.
 */
export function dhtBucketSize({ replicationFactor }: Pick<NodeSettings, "replicationFactor">): number {
  return Math.min(8, replicationFactor);
}

/**
 * Makes the libp2p node: TCP (and WebSocket), TLS before Noise, Yamux, Kademlia with provider records only, gossip
 * without signatures of its own.
 * @param seed - 32 bytes, the Ed25519 private key
 * @throws GgenError `config.invalid`, `storage.corrupt`, `storage.failed`
 */
export async function createNode(
  settings: NodeSettings,
  seed: Uint8Array,
  parts: {
    readonly clock: Clock;
    readonly datastorePath: string | undefined;
    readonly verdicts: EnvelopeVerdicts;
    /** A peer was heard of on the local network. @param addresses - dialable, with `/p2p/` */
    readonly logger: Logger;
    readonly onMdnsPeer: (addresses: readonly string[]) => void;
  },
): Promise<Libp2pNode> {
  // Whatever the settings can be wrong about is found before the database is opened.
  const stack = {
    transports: await transports(settings),
    connectionEncrypters: encrypters(settings),
    ...(await privateNetwork(settings)),
  };
  const privateKey = await generateKeyPairFromSeed("Ed25519", seed);
  const store = openSqliteDatastore(parts.datastorePath, {
    name: (path) => `${path}.damaged-${parts.clock.now()}`,
    onMoved: (aside) => parts.logger.log("warn", "The peer database was damaged; it was set aside", { aside }),
  });
  const ownPeerId = peerIdFromPrivateKey(privateKey).toString();
  const guarded = guardDatastore(store, {
    quota: {
      rows: limits.providerRows,
      rowsPerPeer: limits.providerRowsPerPeer,
      rowsPerKey: limits.providerRowsPerKey,
    },
    ownPeerId,
    ttlMs: settings.providerTtlMs,
    clock: parts.clock,
  });
  let libp2p: Libp2p<NodeServices> | undefined;
  libp2p = await createLibp2p<NodeServices>({
    start: false,
    privateKey,
    datastore: guarded.datastore,
    nodeInfo: { userAgent: `ggen/${familyVersion}` },
    addresses: { listen: [...settings.listenAddresses] },
    ...stack,
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 4 << 20 } })],
    connectionMonitor: { abortConnectionOnPingFailure: false },
    connectionGater: createGater(settings, () => libp2p?.getConnections() ?? []),
    connectionManager: {
      maxConnections: settings.maxConnections,
      dialTimeout: settings.connectionTimeoutMs,
      addressDialTimeout: Math.min(settings.connectionTimeoutMs, 10_000),
      inboundUpgradeTimeout: Math.min(settings.connectionTimeoutMs, 10_000),
      inboundConnectionThreshold: limits.newConnectionsPerSecond,
      maxIncomingPendingConnections: limits.pendingConnections,
    },
    peerDiscovery: settings.mdns ? [localDiscovery(parts.onMdnsPeer)] : [],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping({ maxInboundStreams: 64, maxOutboundStreams: 64 }),
      dht: kadDHT({
        protocol: settings.dhtProtocol,
        clientMode: !settings.dhtServerMode,
        peerInfoMapper: passthroughMapper,
        kBucketSize: dhtBucketSize(settings),
        alpha: 3,
        disjointPaths: 3,
        // The first walk waits for this query; the default second would be most of a publish.
        initialQuerySelfInterval: 100,
        reprovide: { validity: settings.providerTtlMs, threshold: settings.providerTtlMs / 2 },
      }),
      pubsub: gossipsub(gossipOptions(settings, parts.verdicts)),
    },
  });
  return {
    libp2p,
    providerRows: guarded.providerRows,
    ownDigests: guarded.ownDigests,
    close: () => store.close(),
  };
}

/** mDNS under a service tag of our own, with its finds told apart from those of the DHT. */
function localDiscovery(
  onPeer: (addresses: readonly string[]) => void,
): (components: MulticastDNSComponents) => PeerDiscovery {
  return (components) => {
    const discovery = mdns({ serviceTag: protocols.mdnsServiceTag, interval: 10_000 })(components);
    discovery.addEventListener("peer", ({ detail: { id, multiaddrs } }) => {
      const full = multiaddrs
        .map(String)
        .map((text) => (text.includes("/p2p/") ? text : `${text}/p2p/${id.toString()}`));
      onPeer(full);
    });
    return discovery;
  };
}

function encrypters(settings: NodeSettings): NonNullable<Libp2pOptions["connectionEncrypters"]> {
  // TLS first: the dialler's order wins, and it moves 1.6-1.9 times the bytes per second.
  const chosen = [...(settings.tls ? [tls()] : []), ...(settings.noise ? [noise()] : [])];
  if (chosen.length === 0) {
    throw new GgenError("config.invalid", "Neither security.tls_enabled nor security.noise_enabled is true", {
      expected: "at least one of the two",
    });
  }
  return chosen;
}

/** A node with a private network's key talks only to nodes that have it; anything but TCP and WebSocket would leak. */
async function privateNetwork({
  privateNetworkKey,
}: NodeSettings): Promise<Pick<Libp2pOptions, "connectionProtector">> {
  if (privateNetworkKey === undefined) return {};
  let psk: Uint8Array;
  try {
    psk = await readFile(privateNetworkKey);
  } catch (cause) {
    throw new GgenError("config.invalid", `security.private_network_key cannot be read: ${privateNetworkKey}`, {
      expected: "a file of the form /key/swarm/psk/1.0.0/",
      cause,
    });
  }
  const { preSharedKey } = await import("@libp2p/pnet");
  return { connectionProtector: preSharedKey({ psk }) };
}

async function transports(settings: NodeSettings): Promise<NonNullable<Libp2pOptions["transports"]>> {
  const chosen: NonNullable<Libp2pOptions["transports"]> = [];
  for (const name of settings.transports) {
    if (name === "tcp") {
      const inactivity = settings.idleTimeoutMs;
      chosen.push(tcp({ inboundSocketInactivityTimeout: inactivity, outboundSocketInactivityTimeout: inactivity }));
    } else if (name === "websocket") {
      const { webSockets } = await import("@libp2p/websockets");
      chosen.push(webSockets());
    } else {
      throw new GgenError("config.invalid", `The transport ${name} is not available`, {
        expected: "tcp or websocket in network.protocols",
        got: name,
      });
    }
  }
  return chosen;
}
