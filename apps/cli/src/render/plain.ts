// C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of a text around.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** A text that was written by strangers, made safe for a terminal: one line, no control characters. */
export function plain(text: string): string {
  return text.replace(unsafe, (mark) => (mark === "\n" || mark === "\t" || mark === "\r" ? " " : "\ufffd"));
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
