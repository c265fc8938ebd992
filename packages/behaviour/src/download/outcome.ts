import { GgenError } from "@ggen/p2p-types";

import type { EvidenceSink } from "../node/evidence.ts";
import type { PeerTally } from "../swarm/types.ts";
import type { DownloadReport } from "./types.ts";

/** The report of a download that is complete. @param failed - peer id → reason */
export function toReport(
  { bytes, directBytes }: Pick<DownloadReport, "bytes" | "directBytes">,
  tallies: readonly PeerTally[],
  failed: ReadonlyMap<string, string>,
): DownloadReport {
  return {
    bytes,
    directBytes,
    perPeer: tallies.filter((tally) => tally.bytes > 0).map((tally) => ({ peerId: tally.peerId, bytes: tally.bytes })),
    failedPeers: [...failed].map(([peerId, reason]) => ({ peerId, reason })),
  };
}

/** Notes every peer that gave verified bytes. */
export function noteSuccesses(evidence: EvidenceSink, tallies: readonly PeerTally[]): void {
  for (const { peerId, bytes, firstBlockMs } of tallies) {
    if (bytes > 0) evidence.success(peerId, { ms: firstBlockMs ?? 0, bytes });
  }
}

/**
 * The error of a download that nobody could complete.
 * @param failed - peer id → answer
 * @param connected - peers that gave what they had; it was not enough
 */
export function noProviders(cid: string, failed: ReadonlyMap<string, string>, connected: Iterable<string>): GgenError {
  const answers = new Map([...connected].map((peerId) => [peerId, "does not have all of it"]));
  for (const [peerId, answer] of failed) answers.set(peerId, answer);
  const asked = [...answers].map(([peerId, answer]) => ({ peerId, answer }));
  return new GgenError("package.no-providers", `No peer could give the content ${cid}`, {
    expected: "at least one reachable peer that holds it",
    got: asked.length === 0 ? "no peer to ask" : asked.map(({ peerId, answer }) => `${peerId}: ${answer}`).join("; "),
    data: { cid, asked },
  });
}
