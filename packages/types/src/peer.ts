/** How a peer became known. */
export type DiscoveryMethod = "bootstrap" | "mdns" | "dht" | "manual";

/** A place on Earth that its owner chose to share. */
export interface GeoLocation {
  /** Degrees, −90 to 90. */
  readonly latitude: number;
  /** Degrees, −180 to 180. */
  readonly longitude: number;
  /** For people, e.g. `US-CA`. */
  readonly region?: string;
}

/** A peer as this node sees it. */
export interface PeerInfo {
  readonly peerId: string;
  /** Multiaddrs, dialable, with `/p2p/`. */
  readonly addresses: readonly string[];
  readonly connected: boolean;
  readonly direction?: "inbound" | "outbound";
  /** Milliseconds since 1970. */
  readonly connectedSince?: number;
  /** Last measured round trip in milliseconds. */
  readonly latencyMs?: number;
  /** How the connection is encrypted, e.g. `/tls/1.0.0`, `/noise`. */
  readonly encryption?: string;
  /** How its streams share the connection, e.g. `/yamux/1.0.0`. */
  readonly multiplexer?: string;
  /** The agent string it gave. */
  readonly agent?: string;
  readonly protocols: readonly string[];
  readonly discoveredBy: DiscoveryMethod;
  /** Whether its catalogue and ours were equal when last compared. */
  readonly synced: boolean;
  /** The score of `PeerReputation`, 0-1. */
  readonly reputation: number;
  readonly location?: GeoLocation;
}

/** First-hand evidence about a peer. Counts are of this node's own requests. */
export interface PeerEvidence {
  readonly successes: number;
  readonly failures: number;
  /** Answers that did not match what was signed. */
  readonly lies: number;
  /** Milliseconds, smoothed; absent before the first answer. */
  readonly responseTimeMs?: number;
  /** Seconds during which it was seen up, of `observedSeconds`. */
  readonly upSeconds: number;
  readonly observedSeconds: number;
  /** Milliseconds since 1970 of the last answer; absent before the first. */
  readonly lastSeen?: number;
  /** Bytes of verified content it gave. */
  readonly bytes: number;
}

/** A score with the factors and the counts behind it; each factor is 0-1. */
export interface PeerReputation {
  readonly peerId: string;
  readonly score: number;
  readonly successRate: number;
  readonly responseTimeScore: number;
  readonly availabilityScore: number;
  readonly recencyScore: number;
  /** 0-0.1. */
  readonly geoBonus: number;
  /** Kilometres, when both locations are known. */
  readonly distanceKm?: number;
  readonly evidence: PeerEvidence;
}

/** A peer that holds some content. */
export interface ContentProvider {
  readonly peerId: string;
  readonly addresses: readonly string[];
}

/** Figures of a running node. Rates are 0-1 and 1 before anything was counted. */
export interface NetworkStats {
  readonly connectedPeers: number;
  readonly totalPeers: number;
  readonly packages: number;
  readonly operations: number;
  readonly dhtEntries: number;
  readonly dhtQueries: number;
  readonly dhtQuerySuccessRate: number;
  readonly cacheHitRate: number;
  readonly cacheBytes: number;
  readonly gossipSent: number;
  readonly gossipReceived: number;
  readonly gossipDeliveryRate: number;
  /** Smoothed, in milliseconds; 0 before the first request. */
  readonly requestLatencyMs: number;
  readonly bytesDownloaded: number;
  readonly bytesUploaded: number;
}
