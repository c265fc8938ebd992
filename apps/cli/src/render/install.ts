import type { InstalledPackage, InstallResult } from "@ggen/p2p-types";

import { renderAsked } from "./asked.ts";
import { formatBytes, formatCount } from "./quantity.ts";
import type { Style } from "./style.ts";

/** What `install` did, or would do. */
export function renderInstall(result: InstallResult & { readonly target: string }, style: Style): string {
  const lines = result.packages.map((installed) => renderPackage(installed, result.dryRun, style));
  const total = formatCount(result.packages.length, "package");
  if (result.asked !== undefined) lines.push(style.dim(`${renderAsked(result.asked)}\n`));
  return result.dryRun
    ? `${lines.join("")}Would install ${total} into ${result.target}. Nothing was installed.\n`
    : `${lines.join("")}${total} in ${result.target}\n`;
}

function renderPackage(installed: InstalledPackage, dryRun: boolean, style: Style): string {
  const subject = style.bold(`${installed.id}@${installed.version}`);
  if (dryRun) return `${subject}  ${formatBytes(installed.size)}  of ${installed.publisher}\n`;
  if (installed.source === "unchanged") return `${subject}  unchanged\n`;
  const peers = installed.peers.length === 0 ? "" : ` (${formatCount(installed.peers.length, "peer")})`;
  const from = installed.source === "store" ? "the local store" : `the network${peers}`;
  return `${style.green("installed")} ${subject}  ${formatBytes(installed.size)} in ${formatCount(installed.files, "file")} from ${from}, verified\n  ${installed.path}\n`;
}
