/** One `key = value` of a TOML text, with its place. */
export interface TomlStatement {
  /** The whole path, the table's header included. */
  readonly path: readonly string[];
  /** Offsets of the value in the text, in UTF-16 units; the end is the place after it. */
  readonly start: number;
  readonly end: number;
}

/** One `[table]` of a TOML text. */
export interface TomlHeader {
  readonly path: readonly string[];
  /** Offset of the header. */
  readonly start: number;
  /** Offset after the last statement of the table, or after the header when it has none. */
  readonly end: number;
}

/** Where things stand in a TOML text. */
export interface TomlLayout {
  readonly headers: readonly TomlHeader[];
  readonly statements: readonly TomlStatement[];
}

/**
 * Finds where statements stand in a TOML text. Knows just enough of TOML to tell keys, strings, brackets and comments
 * apart: the text has to have been parsed by a real parser before.
 * @param text - valid TOML
 */
export function scanToml(text: string): TomlLayout {
  const headers: { path: readonly string[]; start: number; end: number }[] = [];
  const statements: TomlStatement[] = [];
  let table: readonly string[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text[at];
    if (rest === undefined || /\s/.test(rest)) at += 1;
    else if (rest === "#") at = endOfLine(text, at);
    else if (rest === "[") {
      const open = text[at + 1] === "[" ? at + 2 : at + 1;
      const key = readKey(text, open, "]");
      table = key.path;
      const end = key.end + (open - at);
      headers.push({ path: table, start: at, end });
      at = end;
    } else {
      const key = readKey(text, at, "=");
      const start = skipBlanks(text, key.end + 1);
      const end = endOfValue(text, start);
      statements.push({ path: [...table, ...key.path], start, end });
      const header = headers.at(-1);
      if (header !== undefined) header.end = end;
      at = end;
    }
  }
  return { headers, statements };
}

/** The number of the line, from 1, that holds an offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}

/** Reads a dotted key up to `stop`, which is not part of it. */
function readKey(text: string, from: number, stop: "]" | "="): { path: string[]; end: number } {
  const path: string[] = [];
  let at = from;
  while (at < text.length && text[at] !== stop) {
    const start = at;
    const first = text[at];
    if (first === '"' || first === "'") {
      at = endOfString(text, at);
      path.push(first === '"' ? unquote(text.slice(start, at)) : text.slice(start + 1, at - 1));
    } else if (first !== undefined && /[A-Za-z0-9_-]/.test(first)) {
      while (/[A-Za-z0-9_-]/.test(text[at] ?? "")) at += 1;
      path.push(text.slice(start, at));
    } else at += 1;
  }
  return { path, end: at };
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    // TOML's escapes that JSON lacks: such a key is none of ours, so its exact text does not matter.
    return quoted.slice(1, -1);
  }
}

/** The offset after the string that begins at `from`. */
function endOfString(text: string, from: number): number {
  const quote = text[from] ?? '"';
  const long = text.startsWith(quote.repeat(3), from);
  const close = long ? quote.repeat(3) : quote;
  let at = from + close.length;
  while (at < text.length && !text.startsWith(close, at)) at += quote === '"' && text[at] === "\\" ? 2 : 1;
  at += close.length;
  // Up to two quotes may stand before the closing three.
  if (long) while (text[at] === quote) at += 1;
  return Math.min(at, text.length);
}

/** The offset after the value that begins at `from`: blanks and comments behind it left out. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  let end = from;
  while (at < text.length) {
    const sign = text[at] ?? "";
    if (sign === "\n" && depth === 0) return end;
    if (sign === "#") {
      at = endOfLine(text, at);
      continue;
    }
    if (sign === "[" || sign === "{") depth += 1;
    if (sign === "]" || sign === "}") depth -= 1;
    at = sign === '"' || sign === "'" ? endOfString(text, at) : at + 1;
    if (!/\s/.test(sign)) end = at;
  }
  return end;
}
