import type { ErrorJson } from "./errors.ts";
import type { NetworkStats, PeerInfo, PeerReputation } from "./peer.ts";
import type { Package, Query, SearchPage } from "./package.ts";
import type { OperationId, PublicKey, PublisherId } from "./records/operation.ts";

/** A step of a long operation, for people and progress bars. */
export interface Progress {
  /** What is being done, e.g. `fetch`, `pack`, `verify`, `announce`. */
  readonly step: string;
  /** What it is done to, e.g. `io.ggen.rust.cli@1.0.0`. */
  readonly subject: string;
  /** How far, in `unit`; absent when unknown. */
  readonly done?: number;
  readonly total?: number;
  readonly unit?: "bytes" | "files" | "peers" | "operations";
}

/** Options that every long call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

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
  readonly packages: number;
  readonly operations: number;
  /** Over the whole admitted set, 64 hexadecimal digits: equal on two nodes exactly when their catalogues are. */
  readonly catalogFingerprint: string;
  readonly cache: { readonly bytes: number; readonly maxBytes: number; readonly hitRate: number };
  /** `waiting`: no peer yet; `syncing`: the first sync is not finished; `synced`: it is. */
  readonly sync: { readonly state: "waiting" | "syncing" | "synced"; readonly pendingAnnouncements: number };
  readonly gateway?: string;
  readonly logFile?: string;
  readonly warnings: readonly string[];
}

/** What a file of a package is. */
export interface PackedFile {
  readonly path: string;
  readonly size: number;
  readonly executable: boolean;
}

/** Arguments of `publish`. */
export interface PublishParams {
  /** Absolute path of the package's folder. */
  readonly path: string;
  /** Overrides the manifest's version. */
  readonly version?: string;
  /** Skips the pre-flight lint of the publisher's own package; never a signature or a hash. */
  readonly skipVerify?: boolean;
  /** Only says what would be packed. */
  readonly dryRun?: boolean;
  /** Waits until this many other nodes proved that they hold the content. */
  readonly replicas?: number;
}

/** What `publish` did. */
export interface PublishResult {
  readonly id: string;
  readonly version: string;
  readonly publisher: PublisherId;
  readonly cid: string;
  readonly checksum: string;
  readonly size: number;
  readonly files: readonly PackedFile[];
  readonly dryRun: boolean;
  /** False when this very content was already published as this version. */
  readonly created: boolean;
  /** Whether peers were told; otherwise it is queued until the node has peers. */
  readonly announced: boolean;
  /** How many peers the announcement was sent to. */
  readonly recipients: number;
  /** Whether a provider record was stored by at least one peer of the DHT. */
  readonly provided: boolean;
  /** Peers that proved that they hold the content. */
  readonly heldBy: readonly string[];
  readonly warnings: readonly string[];
  /** Only when this call made a publisher: its recovery words, shown once and kept nowhere. */
  readonly recoveryWords?: string;
}

/** Arguments of `install`. */
export interface InstallParams {
  /** `[PUBLISHER/]ID[@RANGE]`; absent with `frozenLockfile`: everything in the lockfile. */
  readonly ref?: string;
  /** Absolute path of the folder that gets `ID` folders; see surface: the project's `.ggen/packages`, or global. */
  readonly target: string;
  /** Absolute path of `ggen.lock`; absent: no lockfile is kept. */
  readonly lockfile?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly noDependencies?: boolean;
  readonly frozenLockfile?: boolean;
  /** A publisher id, a unique prefix of it, or a nickname. */
  readonly publisher?: string;
}

/** One package of an install. */
export interface InstalledPackage {
  readonly id: string;
  readonly version: string;
  readonly publisher: PublisherId;
  readonly cid: string;
  readonly checksum: string;
  readonly size: number;
  /** Absolute path of the installed folder. */
  readonly path: string;
  readonly files: number;
  /** Ids of its direct dependencies. */
  readonly dependencies: readonly string[];
  /** Where the bytes came from. */
  readonly source: "peers" | "store" | "unchanged";
  /** Peers that gave bytes, with how many. */
  readonly peers: readonly { readonly peerId: string; readonly bytes: number }[];
  /** Name as in the manifest. */
  readonly name: string;
}

/** What `install` did. */
export interface InstallResult {
  /** The requested package last, its dependencies before it. */
  readonly packages: readonly InstalledPackage[];
  readonly dryRun: boolean;
  readonly warnings: readonly string[];
}

/** What `info` says: the package that REF resolves to, and what else there is. */
export interface PackageInfo {
  /** Absent when the id is disputed. */
  readonly package?: Package;
  readonly id: string;
  /** Ascending; of the chosen publisher, or of all claimants when disputed. */
  readonly versions: readonly { readonly version: string; readonly publisher: PublisherId; readonly yanked: boolean }[];
  readonly claimants: readonly Claimant[];
  readonly disputed: boolean;
  /** Why this publisher was chosen, for people. */
  readonly chosenBecause?: string;
  readonly peerCount: number;
  readonly local: boolean;
  /** Present when the id may be taken for another one that the user knows. */
  readonly warnings?: readonly string[];
}

/** A publisher that claims an id. */
export interface Claimant {
  readonly publisher: PublisherId;
  readonly nickname?: string;
  readonly trusted: boolean;
  readonly latest: string;
  readonly versions: number;
}

/** One step of `why`: a question, its answer, and whether it let the package through. */
export interface WhyStep {
  readonly question: string;
  readonly answer: string;
  readonly ok: boolean;
}

/** What `why` says. */
export interface WhyReport {
  readonly ref: string;
  readonly steps: readonly WhyStep[];
  /** One sentence. */
  readonly conclusion: string;
  readonly ok: boolean;
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

/** A publisher as this node knows it. */
export interface PublisherInfo {
  readonly publisher: PublisherId;
  readonly nickname?: string;
  readonly trusted: boolean;
  /** Whether this home can sign for it. */
  readonly own: boolean;
  readonly frozen: boolean;
  readonly signingKeys: readonly {
    readonly key: string;
    readonly label: string;
    readonly revoked: boolean;
    readonly local: boolean;
  }[];
  readonly packages: number;
  /** Public rotation keys in force, the highest-ranked first. */
  readonly rotationKeys?: readonly PublicKey[];
  /** How many distinct rotation keys a change needs. */
  readonly threshold?: number;
  /** Domains that it claims; nothing here is verified. */
  readonly domains?: readonly string[];
  /** The authority operations in force, oldest first, each with the rank of its best signer (1 is the highest). */
  readonly changes?: readonly {
    readonly operation: OperationId;
    readonly type: "genesis" | "grant" | "revoke" | "rotate" | "domain";
    /** Author's time in whole seconds since 1970: a claim. */
    readonly time: number;
    readonly rank: number;
  }[];
}

/** A rotation key that was just made. Its words are secret, shown once and kept nowhere. */
export interface NewRotationKey {
  /** 1 is the highest rank. */
  readonly rank: number;
  readonly key: PublicKey;
  readonly recoveryWords: string;
}

/** Arguments that every change of a publisher takes. */
export interface PublisherChangeParams {
  /** An id, a unique prefix of it, or a nickname; absent: the one that this home signs for. */
  readonly publisher?: string;
  /** Secret: 24 words for each rotation key, of at least as many different keys as the threshold asks for. */
  readonly recoveryWords: readonly string[];
  /**
   * An authority operation, or the first 8 or more digits of its id, that lower-ranked keys signed: the change goes in its
   * place, and it and what follows it lose their effect. Absent: the newest place where the keys may sign.
   */
  readonly over?: string;
}

/** What a change of a publisher did. */
export interface PublisherChange {
  readonly publisher: PublisherId;
  /** The authority operation that was signed. */
  readonly operation: OperationId;
  /** Authority operations, signed by lower-ranked keys, that have no effect any more because of it. */
  readonly overridden: readonly OperationId[];
  /** Whether peers were told; otherwise it is queued until the node has peers. */
  readonly announced: boolean;
  readonly recipients: number;
  readonly warnings: readonly string[];
}

/** A change that concerns a signing key. */
export interface SigningKeyChange extends PublisherChange {
  readonly key: PublicKey;
  readonly label: string;
}

/** What a revocation did. */
export interface RevokeResult extends PublisherChange {
  readonly key: PublicKey;
  /** The last number of the key's chain that stays valid; 0 when nothing does. */
  readonly seq: number;
  /** The operation with that number. */
  readonly head: OperationId | null;
  /** Releases that were signed with the key and are no longer valid, as ID@VERSION. */
  readonly dropped: readonly string[];
}

/** What claiming a domain, or giving it up, did. */
export interface DomainResult extends PublisherChange {
  readonly domain: string;
  readonly claimed: boolean;
  /** The DNS record that makes others believe the claim. */
  readonly record: { readonly name: string; readonly type: "TXT"; readonly value: string };
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

/**
 * A node as its users drive it: the same over the control socket, in process, and offline. Every value is plain JSON.
 * Every method rejects with `GgenError` only.
 */
export interface NodeApi {
  status(options?: CallOptions): Promise<NodeStatus>;
  stats(options?: CallOptions): Promise<NetworkStats>;
  search(query: Query, options?: CallOptions): Promise<SearchPage>;
  info(params: { readonly ref: string }, options?: CallOptions): Promise<PackageInfo>;
  publish(params: PublishParams, options?: CallOptions): Promise<PublishResult>;
  install(params: InstallParams, options?: CallOptions): Promise<InstallResult>;
  why(params: { readonly ref: string }, options?: CallOptions): Promise<WhyReport>;
  bootstrap(
    params: { readonly addresses: readonly string[]; readonly timeoutMs: number },
    options?: CallOptions,
  ): Promise<BootstrapReport>;
  peers(params: { readonly minReputation?: number }, options?: CallOptions): Promise<readonly PeerInfo[]>;
  peerInfo(
    params: { readonly peerId: string },
    options?: CallOptions,
  ): Promise<{ readonly peer: PeerInfo; readonly reputation: PeerReputation }>;
  publishers(options?: CallOptions): Promise<readonly PublisherInfo[]>;
  /** `keys` rotation keys (1-5, by default 1), of which `threshold` (by default 1) sign a change together. */
  publisherInit(
    params: { readonly nickname?: string; readonly keys?: number; readonly threshold?: number },
    options?: CallOptions,
  ): Promise<{
    readonly publisher: PublisherId;
    /** Those of the highest-ranked rotation key. */
    readonly recoveryWords: string;
    readonly rotationKeys: readonly NewRotationKey[];
  }>;
  /** Allows a signing key: the given one, or a new one that is kept in this home. */
  publisherGrant(
    params: PublisherChangeParams & { readonly key?: PublicKey; readonly label?: string },
    options?: CallOptions,
  ): Promise<SigningKeyChange>;
  /** Makes a signing key in this home for a publisher whose rotation keys are elsewhere: to be granted there. */
  publisherRequestKey(
    params: { readonly publisher: string },
    options?: CallOptions,
  ): Promise<{ readonly publisher: PublisherId; readonly key: PublicKey }>;
  /**
   * Ends a signing key. `key`: whole, or its first 8 or more digits. `at`: the last number of its chain that stays valid;
   * `head`: the id of that operation, or its first 8 or more digits, where two have the same number.
   */
  publisherRevoke(
    params: PublisherChangeParams & { readonly key: string; readonly at?: number; readonly head?: string },
    options?: CallOptions,
  ): Promise<RevokeResult>;
  /** Replaces the rotation keys by these public keys, the highest-ranked first: their words never come here. */
  publisherRotate(
    params: PublisherChangeParams & { readonly keys: readonly PublicKey[]; readonly threshold: number },
    options?: CallOptions,
  ): Promise<PublisherChange>;
  /** Finds the publisher of some recovery words in the catalogue, and grants a new signing key in this home. */
  publisherRecover(
    params: PublisherChangeParams & { readonly label?: string; readonly nickname?: string },
    options?: CallOptions,
  ): Promise<SigningKeyChange>;
  /** Claims a domain, or gives it up. */
  publisherDomain(
    params: PublisherChangeParams & { readonly domain: string; readonly claim: boolean },
    options?: CallOptions,
  ): Promise<DomainResult>;
  trust(
    params: { readonly publisher: string; readonly nickname?: string; readonly trusted: boolean },
    options?: CallOptions,
  ): Promise<PublisherInfo>;
  yank(
    params: { readonly ref: string; readonly reason: string; readonly yanked: boolean },
    options?: CallOptions,
  ): Promise<Package>;
  cacheStatus(options?: CallOptions): Promise<CacheStatus>;
  cacheVerify(options?: CallOptions): Promise<CacheVerifyReport>;
  cacheGc(options?: CallOptions): Promise<{ readonly freedBytes: number; readonly contents: number }>;
  cachePin(
    params: { readonly ref: string; readonly pinned: boolean },
    options?: CallOptions,
  ): Promise<{ readonly cid: string }>;
  /** Ends the process behind the API after its answer; in process it stops the node. */
  stop(options?: CallOptions): Promise<void>;
}
