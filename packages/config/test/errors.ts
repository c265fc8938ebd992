import { type ErrorCode, type GgenError, isGgenError } from "@ggen/p2p-types";

/** The error that something throws, which has to be of this code. */
export async function refusalOf(action: () => unknown, code: ErrorCode): Promise<GgenError> {
  try {
    await action();
  } catch (error) {
    if (isGgenError(error, code)) return error;
    throw error;
  }
  throw new Error(`expected ${code}, but nothing was thrown`);
}
