import type { ErrorJson } from "../errors.ts";

/** What `status` says of a running node. */
export interface NodeStatus {
  readonly running: true;
  readonly version: string;
  readonly pid: number;
  readonly home: string;
  readonly peerId: string;
  readonly uptimeSeconds: number;
  /** Dialable, with `/p2p/`. */
  readonly listenAddresses: readonly string[];
  /** Whether others can dial this node, as far as is known. */
  readonly reachability: "unknown" | "public" | "private";
  readonly connectedPeers: number;
  readonly knownPeers: number;
  readonly dhtMode: "server" | "client";
  readonly dhtEntries: number;
  /** Absent in a node that keeps the whole catalogue. */
  readonly light?: {
    /** Peers that are connected and say that they keep the whole catalogue. */
    readonly fullPeers: number;
    /** Publishers whose records are kept up to date: own, trusted ones, and those of whom something is pinned. */
    readonly followed: number;
  };
  readonly packages: number;
  readonly operations: number;
  /** Over the whole admitted set, 64 hexadecimal digits: equal on two nodes exactly when their catalogues are. */
  readonly catalogFingerprint: string;
  /**
   * Present once publishers had to make room in the catalogue: then it may differ from those of others for good. How many
   * went since it was made, and how long ago the last did.
   */
  readonly evictions?: { readonly publishers: number; readonly secondsSinceLast: number };
  readonly cache: { readonly bytes: number; readonly maxBytes: number; readonly hitRate: number };
  readonly sync: {
    /**
     * `waiting`: no peer yet; `syncing`: the first sync is not finished; `synced`: it is. A light node never is: `asking`
     * says that it has full nodes to ask.
     */
    readonly state: "waiting" | "syncing" | "synced" | "asking";
    readonly pendingAnnouncements: number;
    /** While operations are fetched: how many came, of how many that are missing. What came can be found already. */
    readonly fetching?: { readonly received: number; readonly expected: number };
    /**
     * With how many different peers the catalogue was compared since the start, or, by a light node, how many answered it:
     * one alone can keep news away.
     */
    readonly comparedPeers: number;
    /** How long ago the last comparison ended; absent before the first. */
    readonly secondsSinceCompared?: number;
  };
  /** Copies that this node keeps for others. */
  readonly mirror?: MirrorStatus;
  /** Own releases that were published with a wish for copies, and who proved to hold them. */
  readonly replicas?: readonly ReplicaStatus[];
  readonly gateway?: string;
  readonly logFile?: string;
  readonly warnings: readonly string[];
}

/** Copies that a node keeps for others. */
export interface MirrorStatus {
  readonly mode: "none" | "followed" | "trusted" | "all";
  readonly contents: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Copies that wait to be fetched or are being fetched. */
  readonly waiting: number;
}

/** A release whose publisher wants copies. */
export interface ReplicaStatus {
  readonly id: string;
  readonly version: string;
  /** How many peers of different networks should hold it. */
  readonly wanted: number;
  /** Peers of different networks that proved it. */
  readonly heldBy: readonly string[];
}

/** What became of each bootstrap address. */
export interface BootstrapReport {
  readonly results: readonly {
    readonly address: string;
    readonly connected: boolean;
    readonly peerId?: string;
    readonly error?: ErrorJson;
  }[];
  readonly connectedPeers: number;
}

/** Figures of the content store. */
export interface CacheStatus {
  readonly bytes: number;
  /** Bytes that eviction may take. */
  readonly evictableBytes: number;
  readonly maxBytes: number;
  readonly contents: number;
  readonly pinned: number;
  readonly hitRate: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
}

/** What a scrub found. */
export interface CacheVerifyReport {
  readonly checkedChunks: number;
  readonly checkedBytes: number;
  /** Digests that were set aside. */
  readonly damaged: readonly string[];
  /** CIDs of the contents concerned. */
  readonly affected: readonly string[];
  /** How many signed records of the catalogue were compared with their ids. */
  readonly checkedRecords?: number;
  /** Ids of those that are damaged: they are left behind, and fetched again, when the node starts next. */
  readonly damagedRecords?: readonly string[];
}
