import type { CacheStatus, CacheVerifyReport } from "@ggen/p2p-types";

import { formatBytes, formatCount, formatShare } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderFields } from "./table.ts";

/** Figures of the content store. */
export function renderCacheStatus(status: CacheStatus): string {
  return renderFields([
    ["contents", `${status.contents}, ${formatBytes(status.bytes)}`],
    ["pinned", formatCount(status.pinned, "content")],
    ["evictable", `${formatBytes(status.evictableBytes)} of at most ${formatBytes(status.maxBytes)}`],
    [
      "hit rate",
      `${formatShare(status.hitRate)} (${formatCount(status.hits, "hit")}, ${formatCount(status.misses, "miss")})`,
    ],
    ["evictions", String(status.evictions)],
  ]);
}

/** What a scrub found. */
export function renderCacheVerify(report: CacheVerifyReport, style: Style): string {
  return chunkLines(report, style) + recordLines(report, style);
}

function recordLines({ checkedRecords, damagedRecords = [] }: CacheVerifyReport, style: Style): string {
  if (checkedRecords === undefined) return "";
  const checked = `${formatCount(checkedRecords, "record")} of the catalogue checked`;
  if (damagedRecords.length === 0) return `${checked}: ${style.green("all sound")}.\n`;
  return `${checked}: ${style.red(`${damagedRecords.length} damaged`)}. Start the node again: it sets the catalogue aside and fetches what is damaged from its peers.\n`;
}

function chunkLines(report: CacheVerifyReport, style: Style): string {
  const checked = `${formatCount(report.checkedChunks, "chunk")}, ${formatBytes(report.checkedBytes)} checked`;
  if (report.damaged.length === 0) return `${checked}: ${style.green("all sound")}.\n`;
  const contents = report.affected.map((cid) => `  ${cid}\n`).join("");
  return `${checked}: ${style.red(`${report.damaged.length} damaged`)}, set aside. They are fetched again when they are needed. Contents concerned:\n${contents}`;
}
