import type { PublisherId } from "../records/operation.ts";

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
  /** Waits until this many other nodes, of different networks, proved that they hold the content. */
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
  /** Peers of different networks that proved that they hold the content. */
  readonly heldBy: readonly string[];
  readonly warnings: readonly string[];
  /** Only when this call made a publisher: its recovery words, shown once and kept nowhere. */
  readonly recoveryWords?: string;
}
