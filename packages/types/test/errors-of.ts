import { type ErrorCode, type GgenError, isGgenError } from "../src/index.ts";

/** What an action throws, or undefined when it throws nothing. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error ?? new Error("something empty was thrown");
  }
}

/** The error that an action throws, which has to be of this code. */
export function refusalOf(action: () => unknown, code: ErrorCode): GgenError {
  const error = thrownBy(action);
  if (isGgenError(error, code)) return error;
  throw error instanceof Error ? error : new Error(`expected ${code}, but nothing was thrown`);
}
