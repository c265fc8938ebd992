import type { GeoLocation } from "@ggen/p2p-types";

/** A transport. */
export type Protocol = "tcp" | "quic" | "websocket" | "webrtc-direct";

/** The kind of a node's identity key. */
export type KeyType = "ed25519";

/** A node to connect to at start. Wherever one is accepted, a multiaddr ending in `/p2p/PEER_ID` is too. */
export interface BootstrapNode {
  readonly peerId: string;
  /** A multiaddr, with or without `/p2p/PEER_ID`. */
  readonly address: string;
}

/** How a node talks to others. */
export interface NetworkConfig {
  readonly protocols: readonly Protocol[];
  /** Most connections at one time. */
  readonly maxConnections: number;
  /** Seconds until a connection has to be up. */
  readonly connectionTimeout: number;
  /** Seconds after which an unused connection may be closed. */
  readonly idleTimeout: number;
  readonly mdns: boolean;
  /** Whether large contents may come and go over plain connections to connected peers; never in a private network. */
  readonly directTransfer: boolean;
  /** KB/s; 0 is no cap. */
  readonly uploadKbps: number;
  /** KB/s; 0 is no cap. */
  readonly downloadKbps: number;
  /** KB/s to one peer; 0 is no cap. */
  readonly peerUploadKbps: number;
  /** KB/s from one peer; 0 is no cap. */
  readonly peerDownloadKbps: number;
}

/** Whom a node talks to, and how it proves who it is. */
export interface SecurityConfig {
  readonly noiseEnabled: boolean;
  readonly tlsEnabled: boolean;
  readonly keyType: KeyType;
  /** A path, relative to GGEN_HOME unless absolute. */
  readonly identityPath: string;
  /** Peer ids; when not empty, the only ones. */
  readonly allowPeers: readonly string[];
  /** Peer ids. */
  readonly denyPeers: readonly string[];
  /** IP addresses and CIDR ranges. */
  readonly denyAddresses: readonly string[];
  /** Publisher ids. */
  readonly denyPublishers: readonly string[];
  /** A path, relative to GGEN_HOME unless absolute. */
  readonly privateNetworkKey?: string;
}

/**
 * A whole, checked and frozen configuration. The names are those of `config.toml` in camel case; what each means, its
 * unit and its range is in {@link configKeys} and in docs/reference/configuration.md.
 */
export interface P2PConfig {
  readonly registry: { readonly url?: string };
  readonly p2p: {
    /** Multiaddrs in canonical form, with `/p2p/` where the peer id is known. */
    readonly bootstrapNodes: readonly string[];
    readonly listenAddresses: readonly string[];
    readonly dhtServerMode: boolean;
    readonly packagesTopic: string;
    readonly queryTimeoutSecs: number;
  };
  /** Absent unless both coordinates were set: then nothing is shared. */
  readonly location?: GeoLocation;
  readonly cache: { readonly maxSizeMb: number; readonly ttlMinutes: number; readonly maxPackageMb: number };
  readonly search: { readonly defaultLimit: number; readonly minReputation: number };
  readonly network: NetworkConfig;
  readonly security: SecurityConfig;
  readonly dht: {
    readonly protocol: string;
    readonly replicationFactor: number;
    /** Seconds. */
    readonly queryTimeout: number;
    /** Seconds. */
    readonly providerRecordTtl: number;
    readonly amino: boolean;
  };
  readonly gossipsub: {
    readonly heartbeatMs: number;
    readonly historyLength: number;
    readonly historyGossip: number;
    readonly meshN: number;
    readonly meshNLow: number;
    readonly meshNHigh: number;
  };
  readonly ipfs: { readonly bitswap: boolean };
  readonly catalog: { readonly mode: "full" | "light"; readonly maxMb: number };
  readonly mirror: {
    readonly mode: "none" | "followed" | "trusted" | "all";
    readonly maxMb: number;
    readonly delaySecs: number;
    readonly checkSecs: number;
    readonly downloadKbps: number;
  };
  readonly install: { readonly cooldownHours: number };
  readonly http: { readonly host: string; readonly port: number };
}

type P2PInput = Partial<Omit<P2PConfig["p2p"], "bootstrapNodes">> & {
  readonly bootstrapNodes?: readonly (string | BootstrapNode)[];
};

/** Any part of a {@link P2PConfig}; what is left out has its default. */
export type P2PConfigInput = {
  readonly [Table in Exclude<keyof P2PConfig, "p2p">]?: Partial<NonNullable<P2PConfig[Table]>>;
} & { readonly p2p?: P2PInput };
