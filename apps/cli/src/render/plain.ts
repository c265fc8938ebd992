/** Line separators and the marks that turn the direction of a text around. */
const unsafeMarks = /[\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code < 0xa0);

/** A text that was written by strangers, made safe for a terminal: one line, no control characters. */
export function plain(text: string): string {
  return Array.from(text, (mark) => {
    if (mark === "\n" || mark === "\t" || mark === "\r") return " ";
    return isControl(mark.codePointAt(0) ?? 0) || unsafeMarks.test(mark) ? "\ufffd" : mark;
  }).join("");
}

/** {@link plain} for text of several lines, such as an error's message. */
export function plainLines(text: string): string {
  return text.split("\n").map(plain).join("\n");
}

/**
 * A copy of a plain JSON value with every text made safe by {@link plain}, so that no renderer can forget to.
 * @param value - JSON
 */
export function plainValue<T>(value: T): T {
  if (typeof value === "string") return plain(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => plainValue(item)) as T;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [plain(key), plainValue(item)])) as T;
  }
  return value;
}
