import { readFile, stat } from "node:fs/promises";

import { checkConflictProof } from "@ggen/p2p-catalog";
import { type ConflictProof, GgenError, systemReason } from "@ggen/p2p-types";

const maxProofBytes = 32 * 1024 * 1024;

/**
 * Checks the proof of a conflict in a file that `why --json` or `info --json` wrote, on any machine. Needs no node.
 * @param path - the file's
 * @returns what was proved
 * @throws GgenError `usage.invalid`, `record.invalid`, `record.bad-signature`
 */
export async function checkProofFile(path: string): Promise<Omit<ConflictProof, "records">> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > maxProofBytes) throw new RangeError(`${size} bytes`);
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw unreadable(path, systemReason(cause), cause);
  }
  let records: unknown;
  try {
    const { conflict } = JSON.parse(text) as { readonly conflict?: { readonly records?: unknown } };
    records = conflict?.records;
  } catch (cause) {
    throw unreadable(path, "no JSON", cause);
  }
  if (!Array.isArray(records) || !records.every((record) => typeof record === "string")) {
    throw unreadable(path, "JSON without conflict.records");
  }
  return checkConflictProof(records);
}

/** The refusal of a command line that names both a package and a proof, or neither. */
export function usageError(ref: string | undefined): GgenError {
  return new GgenError("usage.invalid", "why explains a package or checks a proof", {
    expected: "either REF or --proof PATH",
    got: ref === undefined ? "neither" : "both",
    hint: "See: ggen why --help",
  });
}

function unreadable(path: string, got: string, cause?: unknown): GgenError {
  return new GgenError("usage.invalid", `--proof ${path} holds no proof of a conflict`, {
    expected: `what ggen why REF --json printed, at most ${maxProofBytes} bytes`,
    got,
    hint: "Ask for it again: ggen why REF --json > conflict.json",
    cause,
  });
}
