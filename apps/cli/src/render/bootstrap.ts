import type { BootstrapReport } from "@ggen/p2p-types";

import { formatCount } from "./quantity.ts";
import type { Style } from "./style.ts";

/** What became of each address. */
export function renderBootstrap(report: BootstrapReport, style: Style): string {
  const lines = report.results.map(({ address, connected, peerId, error }) => {
    if (connected) return `${style.green("connected")}  ${address}${peerId === undefined ? "" : `  ${peerId}`}\n`;
    // The message names the address once more; the reason behind it is what is new.
    const reason = error?.got ?? error?.message ?? "not reached";
    return `${style.red("failed")}     ${address}\n  ${reason}\n  → ${error?.hint ?? "Check the address."}\n`;
  });
  return `${lines.join("")}${formatCount(report.connectedPeers, "peer")} connected.\n`;
}
