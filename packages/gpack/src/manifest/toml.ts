import { type ErrorCode, GgenError } from "@ggen/p2p-types";
import { parse, TomlError, type TomlTableWithoutBigInt } from "smol-toml";

/** A TOML table as smol-toml gives it. */
export type TomlTable = TomlTableWithoutBigInt;

const maxDepth = 64;

/**
 * Parses TOML text of bounded size.
 * @param code - of the error for what is not TOML
 * @param maxBytes - checked before parsing
 * @throws GgenError `code`, with line and column in its message and data
 */
export function parseToml(text: string, fileName: string, code: ErrorCode, maxBytes: number): TomlTable {
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes) throw tooLong(fileName, code, maxBytes);
  try {
    return parse(text, { maxDepth, unsafeKeyBehaviour: "throw" });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split("\n", 1)[0] ?? "").replace("Invalid TOML document: ", "");
    const { line, column } = error;
    throw new GgenError(code, `${fileName} is not TOML: line ${line}, column ${column}: ${reason}`, {
      expected: "TOML 1.0",
      got: `${reason} at line ${line}, column ${column}`,
      data: { file: fileName, line, column },
      cause: error,
    });
  }
}

/**
 * Bytes as UTF-8 text.
 * @throws GgenError `code` naming the line of the first byte that is not UTF-8
 */
export function decodeText(bytes: Uint8Array, fileName: string, code: ErrorCode): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const { line, column } = firstBadPlace(bytes);
    throw new GgenError(code, `${fileName} is not UTF-8: line ${line}, column ${column}`, {
      expected: "UTF-8",
      got: `a byte that is not UTF-8 at line ${line}, column ${column}`,
      data: { file: fileName, line, column },
      cause: error,
    });
  }
}

/** The refusal of a file over the size cap. */
export function tooLong(fileName: string, code: ErrorCode, maxBytes: number): GgenError {
  return new GgenError(code, `${fileName} is too large`, {
    expected: `at most ${maxBytes} bytes`,
    got: "more",
    data: { file: fileName, maxBytes },
  });
}

function firstBadPlace(bytes: Uint8Array): { readonly line: number; readonly column: number } {
  // Decoding without `fatal` puts U+FFFD at the first bad byte, so that is where the two first differ.
  const again = Buffer.from(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  const offset = again.findIndex((byte, at) => byte !== bytes[at]);
  const lines = Buffer.from(bytes.subarray(0, offset)).toString("utf8").split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}
