import type { ContentProvider } from "@ggen/p2p-types";

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
