import type { InstalledEntry } from "@ggen/p2p-gpack";

import { formatBytes, shortId } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderFields, renderTable } from "./table.ts";

/** What `list --json` says of an installed package. */
export type InstalledRow = InstalledEntry["record"] & { readonly path: string; readonly files: number };

/** An installed package in the form that commands answer with. */
export function toInstalledRow(entry: InstalledEntry): InstalledRow {
  return { ...entry.record, path: entry.path, files: entry.files.length };
}

/** The installed packages of a folder. */
export function renderInstalled(
  { target, packages }: { readonly target: string; readonly packages: readonly InstalledRow[] },
  detailed: boolean,
  style: Style,
): string {
  if (packages.length === 0) return `Nothing is installed in ${target}\n`;
  if (detailed) return packages.map((row) => renderDetails(row, style)).join("\n");
  const table = renderTable<InstalledRow>(
    [
      { title: "ID", value: (row) => row.id, paint: style.bold },
      { title: "VERSION", value: (row) => row.version },
      { title: "PUBLISHER", value: (row) => shortId(row.publisher) },
      { title: "SIZE", value: (row) => formatBytes(row.size), align: "right" },
      { title: "NAME", value: (row) => row.name },
    ],
    packages,
  );
  return `${table}${style.dim(`in ${target}`)}\n`;
}

function renderDetails(row: InstalledRow, style: Style): string {
  const fields = renderFields([
    ["name", row.name],
    ["publisher", row.publisher],
    ["checksum", row.checksum],
    ["cid", row.cid],
    ["size", `${formatBytes(row.size)}, ${row.files} ${row.files === 1 ? "file" : "files"}`],
    ["folder", row.path],
    ["needs", row.dependencies.length === 0 ? undefined : row.dependencies.join(", ")],
    ["installed", new Date(row.installedAt * 1000).toISOString()],
  ]);
  return `${style.bold(row.id)} ${row.version}\n${fields}`;
}
