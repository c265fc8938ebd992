import type { Clock, ContentProvider, RandomSource } from "@ggen/p2p-types";

import type { ChunkLinks } from "../chunks/chunk-links.ts";
import type { BandwidthCaps } from "../limits/bandwidth.ts";
import type { EvidenceSink } from "../node/evidence.ts";

/** What a download needs of its node. */
export interface DownloadComponents {
  readonly ownPeerId: string;
  readonly clock: Clock;
  readonly random: Pick<RandomSource, "number">;
  readonly evidence: EvidenceSink;
  readonly caps: BandwidthCaps;
  readonly links: Pick<ChunkLinks, "session" | "distrustDirect">;
  /** Told of every verified block. */
  onReceived(bytes: number): void;
}

/** Options of a download. */
export interface DownloadOptions {
  /**
   * Whom to ask, best first; more may come while it runs. Connected peers and then the DHT when absent.
   */
  readonly providers?: AsyncIterable<string | ContentProvider>;
  /**
   * Whom to ask beside them, where it costs something to find that out: read when nobody of `providers` is of use, or a
   * short while has passed.
   */
  readonly furtherProviders?: AsyncIterable<string | ContentProvider>;
  /** Told of each verified block. @param bytes - verified so far in this download, of `totalBytes` */
  readonly onProgress?: (bytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal;
}

/** Options of a download once it is known whom to ask. */
export interface DownloadTask extends DownloadOptions {
  readonly providers: AsyncIterable<string | ContentProvider>;
}

/** What a download did. */
export interface DownloadReport {
  /** Verified bytes that came in this download. */
  readonly bytes: number;
  /** Of these, those that came over direct connections. */
  readonly directBytes: number;
  /** Peers that gave bytes. */
  readonly perPeer: readonly { readonly peerId: string; readonly bytes: number }[];
  /** Peers that were asked and gave up, lied, stalled or did not have it, and why. */
  readonly failedPeers: readonly { readonly peerId: string; readonly reason: string }[];
}
