import { GgenError, isGgenError } from "@ggen/p2p-types";

const sqliteCorrupt = 11;
const sqliteFull = 13;
const sqliteNotADatabase = 26;

function fieldOf(error: unknown, name: "code" | "errcode"): unknown {
  return typeof error === "object" && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}

/** The primary result code of an error of `node:sqlite`, without its extension. */
function sqliteCode(error: unknown): number | undefined {
  const code = fieldOf(error, "errcode");
  return typeof code === "number" ? code % 256 : undefined;
}

/** Whether an error is a system error of this code, e.g. `ENOENT`. */
export function isSystemError(error: unknown, code: string): boolean {
  return fieldOf(error, "code") === code;
}

/** Whether SQLite found that its file is no (sound) database. */
export function isSpoiltDatabase(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === sqliteCorrupt || code === sqliteNotADatabase;
}

/**
 * What a failure of the disk is to the callers of the store: `storage.full`, `storage.corrupt` or `storage.failed`.
 * @param doing - for people: what was being done, e.g. `A chunk could not be written`
 */
export function toStorageError(error: unknown, doing: string): GgenError {
  if (isGgenError(error)) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const full = isSystemError(error, "ENOSPC") || isSystemError(error, "EDQUOT") || sqliteCode(error) === sqliteFull;
  const code = full ? "storage.full" : isSpoiltDatabase(error) ? "storage.corrupt" : "storage.failed";
  return new GgenError(code, doing, { got: cause.message, cause });
}
