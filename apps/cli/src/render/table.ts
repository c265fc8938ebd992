import { stripVTControlCharacters } from "node:util";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: "right";
  /** Applied after the width is known. */
  readonly paint?: (text: string) => string;
}

const widthOf = (text: string): number => Array.from(stripVTControlCharacters(text)).length;

const cut = (text: string, width: number): string => {
  const letters = Array.from(text);
  return letters.length <= width ? text : `${letters.slice(0, Math.max(1, width - 1)).join("")}…`;
};

/**
 * Aligned columns under a line of titles. When a width is given, the last column is cut to fit.
 * @param columns - from left to right
 * @param rows - from top to bottom
 * @param maxWidth - columns of the terminal
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  maxWidth: number = Number.POSITIVE_INFINITY,
): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ value }) => value(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => widthOf(line[index] ?? ""))));
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  const room = Math.max(10, maxWidth - before);
  const lines = cells.map((line, row) =>
    columns
      .map(({ align, paint }, index) => {
        const text = index === last ? cut(line[index] ?? "", room) : (line[index] ?? "");
        const space = " ".repeat(Math.max(0, (widths[index] ?? 0) - widthOf(text)));
        const painted = row === 0 || paint === undefined ? text : paint(text);
        if (align === "right") return space + painted;
        return index === last ? painted : painted + space;
      })
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/**
 * Names and values, one a line, the values aligned; a value of several lines goes on below itself.
 * @param entries - name and value; undefined values are left out
 */
export function renderFields(entries: readonly (readonly [string, string | readonly string[] | undefined])[]): string {
  const shown = entries.filter(
    (entry): entry is readonly [string, string | readonly string[]] => entry[1] !== undefined,
  );
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown
    .map(([name, value]) => {
      const lines = typeof value === "string" ? [value] : value;
      const first = `${`${name}:`.padEnd(width + 2)}${lines[0] ?? "-"}`;
      return [first, ...lines.slice(1).map((line) => " ".repeat(width + 2) + line)].join("\n") + "\n";
    })
    .join("");
}
