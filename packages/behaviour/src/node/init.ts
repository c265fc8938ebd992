import { protocols } from "@ggen/p2p-types";

/** A bootstrap node: its address, with or without its peer id in it. */
export type BootstrapAddress = string | { readonly peerId: string; readonly address: string };

/**
 * How the node is tuned. Every part is optional; names, units and defaults are those of the configuration table, so a
 * whole `P2PConfig` can be passed as it is.
 */
export interface BehaviourInit {
  readonly p2p?: {
    readonly bootstrapNodes?: readonly BootstrapAddress[];
    /** Multiaddrs to listen on. */
    readonly listenAddresses?: readonly string[];
    readonly dhtServerMode?: boolean;
    readonly packagesTopic?: string;
  };
  readonly catalog?: {
    /** `light`: compares its catalogue with nobody's, and hears of news without passing it on. */
    readonly mode?: "full" | "light";
  };
  readonly network?: {
    readonly protocols?: readonly string[];
    readonly maxConnections?: number;
    /** Seconds. */
    readonly connectionTimeout?: number;
    /** Seconds. */
    readonly idleTimeout?: number;
    readonly mdns?: boolean;
    /** Whether chunks may come and go over plain connections beside the authenticated ones. */
    readonly directTransfer?: boolean;
    /** KB/s, 0 for no cap. */
    readonly uploadKbps?: number;
    readonly downloadKbps?: number;
    /** KB/s to and from one peer, 0 for no cap. */
    readonly peerUploadKbps?: number;
    readonly peerDownloadKbps?: number;
  };
  readonly security?: {
    readonly noiseEnabled?: boolean;
    readonly tlsEnabled?: boolean;
    /** When not empty, only these peers may connect. */
    readonly allowPeers?: readonly string[];
    readonly denyPeers?: readonly string[];
    /** IP addresses or CIDR ranges. */
    readonly denyAddresses?: readonly string[];
    readonly privateNetworkKey?: string;
  };
  readonly dht?: {
    readonly protocol?: string;
    readonly replicationFactor?: number;
    /** Seconds for one walk. */
    readonly queryTimeout?: number;
    /** Seconds. */
    readonly providerRecordTtl?: number;
  };
  readonly gossipsub?: {
    readonly heartbeatMs?: number;
    readonly historyLength?: number;
    readonly historyGossip?: number;
    readonly meshN?: number;
    readonly meshNLow?: number;
    readonly meshNHigh?: number;
  };
}

/** {@link BehaviourInit} with every default filled in, in milliseconds. */
export interface NodeSettings {
  readonly bootstrapNodes: readonly string[];
  readonly listenAddresses: readonly string[];
  readonly dhtServerMode: boolean;
  readonly packagesTopic: string;
  /** Whether this node keeps only a part of the catalogue. */
  readonly isLight: boolean;
  readonly transports: readonly string[];
  readonly maxConnections: number;
  readonly connectionTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly mdns: boolean;
  readonly directTransfer: boolean;
  readonly uploadKbps: number;
  readonly downloadKbps: number;
  readonly peerUploadKbps: number;
  readonly peerDownloadKbps: number;
  readonly noise: boolean;
  readonly tls: boolean;
  readonly allowPeers: readonly string[];
  readonly denyPeers: readonly string[];
  readonly denyAddresses: readonly string[];
  readonly privateNetworkKey: string | undefined;
  readonly dhtProtocol: string;
  readonly replicationFactor: number;
  readonly dhtQueryMs: number;
  readonly providerTtlMs: number;
  readonly heartbeatMs: number;
  readonly historyLength: number;
  readonly historyGossip: number;
  readonly meshN: number;
  readonly meshNLow: number;
  readonly meshNHigh: number;
}

/** Fills in the defaults of the configuration table. */
export function settle(init: BehaviourInit): NodeSettings {
  const { p2p = {}, catalog = {}, network = {}, security = {}, dht = {}, gossipsub = {} } = init;
  return {
    bootstrapNodes: (p2p.bootstrapNodes ?? []).map(toAddress),
    listenAddresses: p2p.listenAddresses ?? ["/ip4/0.0.0.0/tcp/0"],
    dhtServerMode: p2p.dhtServerMode ?? true,
    packagesTopic: p2p.packagesTopic ?? protocols.packagesTopic,
    isLight: catalog.mode === "light",
    transports: network.protocols ?? ["tcp"],
    maxConnections: network.maxConnections ?? 100,
    connectionTimeoutMs: 1000 * (network.connectionTimeout ?? 30),
    idleTimeoutMs: 1000 * (network.idleTimeout ?? 300),
    mdns: network.mdns ?? true,
    // A private network's traffic is not for others to see.
    directTransfer: (network.directTransfer ?? true) && security.privateNetworkKey === undefined,
    uploadKbps: network.uploadKbps ?? 0,
    downloadKbps: network.downloadKbps ?? 0,
    peerUploadKbps: network.peerUploadKbps ?? 0,
    peerDownloadKbps: network.peerDownloadKbps ?? 0,
    noise: security.noiseEnabled ?? true,
    tls: security.tlsEnabled ?? true,
    allowPeers: security.allowPeers ?? [],
    denyPeers: security.denyPeers ?? [],
    denyAddresses: security.denyAddresses ?? [],
    privateNetworkKey: security.privateNetworkKey,
    dhtProtocol: dht.protocol ?? protocols.dht,
    replicationFactor: dht.replicationFactor ?? 20,
    dhtQueryMs: 1000 * (dht.queryTimeout ?? 60),
    providerTtlMs: 1000 * (dht.providerRecordTtl ?? 86_400),
    heartbeatMs: gossipsub.heartbeatMs ?? 1000,
    historyLength: gossipsub.historyLength ?? 5,
    historyGossip: gossipsub.historyGossip ?? 3,
    meshN: gossipsub.meshN ?? 6,
    meshNLow: gossipsub.meshNLow ?? 4,
    meshNHigh: gossipsub.meshNHigh ?? 12,
  };
}

function toAddress(node: BootstrapAddress): string {
  if (typeof node === "string") return node;
  return node.address.includes("/p2p/") ? node.address : `${node.address}/p2p/${node.peerId}`;
}
