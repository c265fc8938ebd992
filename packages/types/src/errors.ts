import { errorRows } from "./error-rows.ts";

/**
 * One row of the error table: what a code means and what a program or a person does about it.
 * `docs/errors.md` shows the same rows; a test holds the two equal.
 */
export interface ErrorRow {
  /** One sentence: what happened. */
  readonly meaning: string;
  /** One sentence: what to do next. */
  readonly action: string;
  /** Exit status of the CLI: 1 failure, 2 usage or configuration, 3 not running, 4 not found, 5 refused, 6 network, 7 storage. */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  /** Status of the HTTP gateway. */
  readonly http: 400 | 404 | 405 | 409 | 410 | 413 | 416 | 429 | 500 | 502 | 503 | 504 | 507;
}

/** A dotted error code, one row of {@link errorTable}. */
export type ErrorCode = keyof typeof errorRows;

/** {@link errorRows} with names. */
export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = Object.fromEntries(
  Object.entries(errorRows).map(([code, [exit, http, meaning, action]]) => [code, { exit, http, meaning, action }]),
) as Record<ErrorCode, ErrorRow>;

/** What a {@link GgenError} may carry beside its code and message. */
export interface GgenErrorDetails {
  /** What would have been right, for people. */
  readonly expected?: string;
  /** What was found instead, for people. */
  readonly got?: string;
  /** The next step for this very case; the table's `action` where it is absent. */
  readonly hint?: string;
  /** Facts for programs: plain JSON values only. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The error underneath. */
  readonly cause?: unknown;
}

const brand = Symbol.for("ggen.error/1");

/** The one error class of the family; recognise it with {@link isGgenError}, never with `instanceof`. */
export class GgenError extends Error {
  override readonly name = "GgenError";
  readonly code: ErrorCode;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly hint: string;
  readonly data: Readonly<Record<string, unknown>>;

  /**
   * @param code - a row of {@link errorTable}
   * @param message - one sentence naming the thing concerned; `expected`/`got` are appended by renderers
   * @param details - what was expected, what was got, what to do, facts, cause
   */
  constructor(code: ErrorCode, message: string, details: GgenErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    Object.defineProperty(this, brand, { value: true });
    this.code = code;
    this.expected = details.expected;
    this.got = details.got;
    this.hint = details.hint ?? errorTable[code].action;
    this.data = details.data ?? {};
  }

  /** The JSON form used by `--json`, the control API and the gateway. */
  toJSON(): ErrorJson {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      ...(this.expected === undefined ? {} : { expected: this.expected }),
      ...(this.got === undefined ? {} : { got: this.got }),
      ...(Object.keys(this.data).length === 0 ? {} : { data: this.data }),
    };
  }
}

/** {@link GgenError} as plain JSON. */
export interface ErrorJson {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly expected?: string;
  readonly got?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Whether a value is a {@link GgenError}, also one made by another copy of this package.
 * @param value - anything that was thrown
 * @param code - when given, the code must be this one
 */
export function isGgenError(value: unknown, code?: ErrorCode): value is GgenError {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as Record<symbol, unknown>)[brand] === true &&
    (code === undefined || (value as GgenError).code === code)
  );
}

/**
 * Wraps anything thrown into a {@link GgenError}; one that already is comes back as it is.
 * @param value - what was thrown
 * @param code - the code for a foreign error; an abort becomes `aborted`
 */
export function toGgenError(value: unknown, code: ErrorCode = "internal"): GgenError {
  if (isGgenError(value)) return value;
  if (value instanceof Error) {
    if (value.name === "AbortError") return new GgenError("aborted", "The operation was cancelled", { cause: value });
    return new GgenError(code, value.message, { cause: value });
  }
  return new GgenError(code, String(value));
}

/**
 * Ends what a caller has cancelled, whatever reason the signal has: `AbortSignal.timeout` gives another than `abort()`.
 * @param signal - the caller's
 * @throws GgenError `aborted`, with the reason as its cause, or the reason itself where it is a GgenError
 */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const reason: unknown = signal.reason;
  throw isGgenError(reason) ? reason : new GgenError("aborted", "The operation was cancelled", { cause: reason });
}

/**
 * Rebuilds an error from its JSON form (control API).
 * @param json - what {@link GgenError.toJSON} gave; an unknown code becomes `internal`
 */
export function fromErrorJson(json: ErrorJson): GgenError {
  const code = Object.hasOwn(errorTable, json.code) ? json.code : "internal";
  return new GgenError(code, json.message, json);
}
