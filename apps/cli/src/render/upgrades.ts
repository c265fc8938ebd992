import type { Upgrade } from "../install/upgrades.ts";
import { formatCount } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderTable } from "./table.ts";

/** The packages of which a newer version is released, and those of which nothing could be found out. */
export function renderUpgrades(upgrades: readonly Upgrade[], style: Style): string {
  const outdated = upgrades.filter((upgrade) => upgrade.outdated);
  const unknown = upgrades
    .filter(({ error }) => error !== undefined)
    .map(({ id, error }) => `${style.yellow("unknown:")} ${id}: ${error?.message ?? ""}\n`)
    .join("");
  if (outdated.length === 0) return `${formatCount(upgrades.length, "package")}, none outdated.\n${unknown}`;
  const table = renderTable<Upgrade>(
    [
      { title: "ID", value: ({ id }) => id, paint: style.bold },
      { title: "INSTALLED", value: ({ current }) => current },
      { title: "LATEST", value: ({ latest }) => latest ?? "-", paint: style.green },
    ],
    outdated,
  );
  return table + unknown;
}
