import { readFile, stat } from "node:fs/promises";
import { text as readStream } from "node:stream/consumers";

import { GgenError } from "@ggen/p2p-types";

import { askSecret } from "./ask-secret.ts";

const maxSecretBytes = 16_384;

/** What the flags of a command say about where rotation keys are. */
export interface ProofSource {
  readonly "words-file"?: string | undefined;
  readonly "key-file"?: readonly string[] | undefined;
  readonly "passphrase-file"?: string | undefined;
}

/**
 * Collects recovery words: from a file, from stdin, from encrypted key files, or from the terminal.
 * @param wanted - how many keys are asked for at the terminal; unknown: until an empty line
 * @returns one text of 24 words for each key
 * @throws GgenError `usage.invalid`, `identity.invalid`, `aborted`
 */
export async function readProof(
  source: ProofSource,
  wanted: number | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { openKeyFile, splitRecoveryWords } = await import("@ggen/p2p-registry");
  const proof: string[] = [];
  const keyFiles = source["key-file"] ?? [];
  if (keyFiles.length > 0) {
    const texts = await Promise.all(keyFiles.map((path) => readSecretFile(path, "--key-file")));
    const passphrase = await readPassphrase(source, "The passphrase of the key files: ", signal);
    for (const text of texts) proof.push(await openKeyFile(text, passphrase));
  }
  if (source["words-file"] !== undefined) {
    proof.push(...splitRecoveryWords(await readSecretFile(source["words-file"], "--words-file")));
  }
  if (proof.length > 0) return proof;
  for (;;) {
    const number = proof.length + 1;
    if (wanted !== undefined && number > wanted) return proof;
    const question =
      wanted === undefined && number > 1
        ? `Recovery words of rotation key ${number}, or Enter if that is all: `
        : `Recovery words${wanted !== undefined && wanted > 1 ? ` of rotation key ${number} of ${wanted}` : ""} (not shown): `;
    const typed = await askSecret(question, "--words-file PATH (- for stdin) or --key-file PATH", signal);
    if (typed.trim() === "" && wanted === undefined && number > 1) return proof;
    proof.push(...splitRecoveryWords(typed));
  }
}

/**
 * The passphrase for key files.
 * @throws GgenError `usage.invalid`, `aborted`
 */
export async function readPassphrase(source: ProofSource, question: string, signal: AbortSignal): Promise<string> {
  const path = source["passphrase-file"];
  if (path === undefined) return askSecret(question, "--passphrase-file PATH", signal);
  return (await readSecretFile(path, "--passphrase-file")).replace(/\r?\n$/, "");
}

async function readSecretFile(path: string, flag: string): Promise<string> {
  const refuse = (got: string, cause?: unknown): GgenError =>
    new GgenError("usage.invalid", `${flag} ${path} cannot be read`, {
      expected: `a readable file of at most ${maxSecretBytes} bytes`,
      got,
      cause,
    });
  try {
    if (path === "-") {
      const typed = await readStream(process.stdin);
      if (typed.length > maxSecretBytes) throw new RangeError("too much");
      return typed;
    }
    const { size } = await stat(path);
    if (size > maxSecretBytes) throw new RangeError(`${size} bytes`);
    return await readFile(path, "utf8");
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
}
