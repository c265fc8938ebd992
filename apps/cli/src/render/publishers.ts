import type { PublisherInfo } from "@ggen/p2p-types";

import { formatCount } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderFields, renderTable } from "./table.ts";

const roleOf = (row: PublisherInfo): string => {
  const roles = [...(row.own ? ["own"] : []), ...(row.trusted ? ["trusted"] : []), ...(row.frozen ? ["frozen"] : [])];
  return roles.length === 0 ? "-" : roles.join(", ");
};

/** All known publishers. */
export function renderPublishers(publishers: readonly PublisherInfo[], style: Style): string {
  if (publishers.length === 0) return "No publisher is known yet. Make yours: ggen publisher init\n";
  return renderTable<PublisherInfo>(
    [
      { title: "PUBLISHER", value: (row) => row.publisher, paint: style.bold },
      { title: "NICKNAME", value: (row) => row.nickname ?? "-" },
      { title: "PACKAGES", value: (row) => String(row.packages), align: "right" },
      { title: "ROLE", value: roleOf },
    ],
    publishers,
  );
}

/** One publisher with its signing keys. */
export function renderPublisher(row: PublisherInfo, style: Style): string {
  const keys = row.signingKeys.map(({ key, label, revoked, local }) => {
    const marks = [...(local ? ["on this machine"] : []), ...(revoked ? ["revoked"] : [])];
    return `${key.slice(0, 16)}…${label === "" ? "" : ` ${label}`}${marks.length === 0 ? "" : ` (${marks.join(", ")})`}`;
  });
  const rotationKeys = (row.rotationKeys ?? []).map((key, place) => `${place + 1}: ${key.slice(0, 16)}…`);
  const domains = row.domains ?? [];
  const changes = (row.changes ?? []).map(
    ({ operation, type, rank }) => `${operation.slice(0, 16)} ${type}, by rotation key ${rank}`,
  );
  const fields = renderFields([
    ["nickname", row.nickname],
    ["role", roleOf(row)],
    ["packages", formatCount(row.packages, "package")],
    ["signing keys", keys.length === 0 ? ["none known"] : keys],
    ["rotation keys", rotationKeys.length === 0 ? undefined : rotationKeys],
    ["threshold", rotationKeys.length < 2 ? undefined : `${row.threshold} of ${rotationKeys.length}`],
    ["changes", changes.length < 2 ? undefined : changes],
    ["domains", domains.length === 0 ? undefined : [...domains]],
  ]);
  return `${style.bold(row.publisher)}\n${fields}`;
}
