import type { PackageInfo } from "@ggen/p2p-types";

import { renderAsked } from "./asked.ts";
import { formatBytes, formatCount } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderFields, renderTable } from "./table.ts";

/** Everything that is known of a package. */
export function renderInfo(info: PackageInfo, style: Style): string {
  const found = info.package;
  const versions = info.versions
    .toReversed()
    .slice(0, 10)
    .map(({ version, yanked }) => (yanked ? `${version} (yanked)` : version));
  const hidden = info.versions.length - versions.length;
  const list = (values: readonly string[] | undefined): string | undefined =>
    values === undefined || values.length === 0 ? undefined : values.join(", ");
  const head =
    found === undefined
      ? `${style.bold(info.id)}\n`
      : `${style.bold(found.id)} ${found.version}${found.yanked === undefined ? "" : style.yellow(` yanked: ${found.yanked.reason}`)}\n${found.description}\n`;
  const fields = renderFields([
    ["name", found?.name],
    ["publisher", found?.publisher],
    ["chosen because", info.chosenBecause],
    ["category", found?.category],
    ["tags", list(found?.tags)],
    ["keywords", list(found?.keywords)],
    ["license", found?.license],
    ["authors", list(found?.authors)],
    ["homepage", found?.homepage],
    ["repository", found?.repository],
    ["needs", found === undefined ? undefined : list(entries(found.dependencies))],
    ["mentions", found === undefined ? undefined : list(entries(found.requires))],
    ["size", found === undefined ? undefined : formatBytes(found.size)],
    ["checksum", found?.checksum],
    ["cid", found?.cid],
    ["holders", `${formatCount(info.peerCount, "known peer")}${info.local ? ", and this node" : ""}`],
    ["held by", info.heldBy],
    ["sources", info.asked && renderAsked(info.asked)],
    ["versions", `${versions.join(", ")}${hidden > 0 ? `, and ${hidden} older` : ""}`],
  ]);
  return `${head}${fields}${renderClaimants(info, style)}`;
}

function entries(table: Readonly<Record<string, string>> | readonly string[] | undefined): readonly string[] {
  if (table === undefined) return [];
  return Array.isArray(table)
    ? (table as readonly string[])
    : Object.entries(table as Readonly<Record<string, string>>).map(([name, range]) => `${name} ${range}`);
}

function renderClaimants(info: PackageInfo, style: Style): string {
  if (!info.disputed) return "";
  const commands = info.claimants.map(({ publisher }) => `  ggen marketplace install ${publisher}/${info.id}\n`);
  const table = renderTable(
    [
      { title: "PUBLISHER", value: (row) => row.publisher },
      { title: "NICKNAME", value: (row) => row.nickname ?? "-" },
      { title: "LATEST", value: (row) => row.latest },
      { title: "VERSIONS", value: (row) => String(row.versions), align: "right" },
    ],
    info.claimants,
  );
  return `\n${style.yellow(`${info.claimants.length} publishers claim this id.`)} Choose one:\n${table}\n${commands.join("")}`;
}
