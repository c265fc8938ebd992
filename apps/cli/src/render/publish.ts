import type { PublishResult } from "@ggen/p2p-types";

import type { NodeSession } from "../node/session.ts";
import { formatBytes, formatCount } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderFields, renderTable } from "./table.ts";

/** What `publish` did, or would do. */
export function renderPublish(result: PublishResult & { readonly mode: NodeSession["mode"] }, style: Style): string {
  const subject = style.bold(`${result.id}@${result.version}`);
  if (result.dryRun) {
    const files = renderTable(
      [
        { title: "SIZE", value: (row) => formatBytes(row.size), align: "right" },
        { title: "FILE", value: (row) => (row.executable ? `${row.path} (executable)` : row.path) },
      ],
      result.files,
    );
    return `${files}Would publish ${subject}: ${formatCount(result.files.length, "file")}, archive of ${formatBytes(result.size)}.\nNothing was published.\n`;
  }
  const head = result.created ? `Published ${subject}` : `${subject} was already published with this content`;
  const fields = renderFields([
    ["publisher", result.publisher],
    ["files", `${result.files.length}, archive of ${formatBytes(result.size)}`],
    ["checksum", result.checksum],
    ["cid", result.cid],
    ["announced", announced(result)],
    ["held by", result.heldBy.length === 0 ? undefined : result.heldBy],
  ]);
  return `${head}\n${fields}${renderRecoveryWords(result.recoveryWords, style)}`;
}

function announced({ announced, recipients, mode }: PublishResult & { readonly mode: NodeSession["mode"] }): string {
  if (announced) return `to ${formatCount(recipients, "peer")}`;
  return mode === "daemon"
    ? "not yet: it will be announced when the node has peers"
    : "not yet: it will be announced when the node starts (ggen marketplace p2p start --daemon)";
}

/** The words from which a publisher can be recovered: shown once, and kept nowhere. */
export function renderRecoveryWords(words: string | undefined, style: Style): string {
  if (words === undefined) return "";
  const title = style.yellow("This made your publisher. Write its recovery words down now; they are kept nowhere:");
  // Few enough in a line that no terminal breaks one in the middle.
  const rows = words.replaceAll(/((?:\S+ ){5}\S+) /g, "$1\n  ");
  return `\n${title}\n\n  ${rows}\n\nWhoever has them controls the publisher; without them a lost key cannot be replaced.\n`;
}
