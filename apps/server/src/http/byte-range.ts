/** First byte and the byte after the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a `Range` header asks of a content. */
export type RangeRequest =
  | { readonly kind: "whole" }
  | ({ readonly kind: "part" } & ByteRange)
  | { readonly kind: "unsatisfiable" };

const whole: RangeRequest = { kind: "whole" };
const unsatisfiable: RangeRequest = { kind: "unsatisfiable" };

/**
 * Reads a `Range` header. Another unit than bytes is ignored, as the standard wants it; several ranges, a malformed one
 * and one outside the content are not satisfiable.
 * @param header - its text; absent asks for the whole
 * @param size - bytes of the content, 0 or more
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function parseRange(header: string | undefined, size: number): RangeRequest {
  if (header === undefined) return whole;
  const [unit = "", ...rest] = header.split("=");
  if (unit.trim().toLowerCase() !== "bytes") return whole;
  const found = /^\s*(\d*)-(\d*)\s*$/.exec(rest.join("="));
  if (found === null) return unsatisfiable;
  const [, first = "", last = ""] = found;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return last === "" || length === 0 ? unsatisfiable : { kind: "part", start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  return start >= size || end <= start ? unsatisfiable : { kind: "part", start, end };
}
