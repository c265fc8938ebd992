import type { ConfigRow } from "../config-file.ts";
import type { Style } from "./style.ts";
import { renderTable } from "./table.ts";

/** A value as it is written in TOML; `unset` when there is none. */
export function showConfigValue(value: ConfigRow["value"]): string {
  return value === null ? "unset" : JSON.stringify(value);
}

/** Every key with its value, and where that came from when asked for. */
export function renderConfig(rows: readonly ConfigRow[], origin: boolean, style: Style): string {
  return renderTable<ConfigRow>(
    [
      { title: "KEY", value: ({ key }) => key, paint: style.bold },
      { title: "VALUE", value: ({ value }) => showConfigValue(value) },
      ...(origin ? [{ title: "FROM", value: ({ source, where }: ConfigRow) => `${source}: ${where}` }] : []),
    ],
    rows,
  );
}
