import { createCipheriv, createDecipheriv, scrypt, type ScryptOptions } from "node:crypto";

import { GgenError, type RandomSource } from "@ggen/p2p-types";

import { entropyOf, wordsOf } from "./recovery-words.ts";

const format = "ggen/rotation-key/v1";
const cost = 2 ** 17;
const minCost = 2 ** 14;
const maxCost = 2 ** 18;
const blockSize = 8;
const maxFileLength = 1024;
const minPassphraseLength = 12;

interface KeyFile {
  readonly format: typeof format;
  readonly scrypt: { readonly N: number; readonly r: typeof blockSize; readonly p: 1; readonly salt: Buffer };
  readonly nonce: Buffer;
  readonly data: Buffer;
}

/**
 * A rotation key as an encrypted file: its 32 bytes of entropy under AES-256-GCM, with a key from the passphrase by
 * scrypt. docs/reference/keys.md has the format with a vector.
 * @param recoveryWords - 24 words
 * @param passphrase - at least 12 characters
 * @throws GgenError `identity.invalid`, `usage.invalid`
 */
export async function sealKeyFile(recoveryWords: string, passphrase: string, random: RandomSource): Promise<string> {
  if (passphrase.length < minPassphraseLength) {
    throw new GgenError("usage.invalid", "The passphrase is too short", {
      expected: `at least ${minPassphraseLength} characters`,
      got: `${passphrase.length} characters`,
    });
  }
  const salt = Buffer.from(random.bytes(32));
  const nonce = Buffer.from(random.bytes(12));
  const parameters = { N: cost, r: blockSize, p: 1, salt } as const;
  const cipher = createCipheriv("aes-256-gcm", await deriveKey(passphrase, parameters), nonce);
  cipher.setAAD(Buffer.from(format));
  const data = Buffer.concat([cipher.update(entropyOf(recoveryWords)), cipher.final(), cipher.getAuthTag()]);
  const file = {
    format,
    scrypt: { N: cost, r: blockSize, p: 1, salt: salt.toString("hex") },
    nonce: nonce.toString("hex"),
    data: data.toString("hex"),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/**
 * The recovery words in a file that {@link sealKeyFile} made.
 * @param text - from anywhere; its parameters are bounded before anything is computed with them
 * @throws GgenError `identity.invalid`
 */
export async function openKeyFile(text: string, passphrase: string): Promise<string> {
  const file = parseKeyFile(text);
  const decipher = createDecipheriv("aes-256-gcm", await deriveKey(passphrase, file.scrypt), file.nonce);
  decipher.setAAD(Buffer.from(format));
  decipher.setAuthTag(file.data.subarray(32));
  try {
    return wordsOf(Buffer.concat([decipher.update(file.data.subarray(0, 32)), decipher.final()]));
  } catch (cause) {
    throw new GgenError("identity.invalid", "The key file does not open with this passphrase", {
      expected: "the passphrase that it was made with, and an unchanged file",
      hint: "Type the passphrase again, or use the recovery words.",
      cause,
    });
  }
}

function parseKeyFile(text: string): KeyFile {
  const refuse = (): GgenError =>
    new GgenError("identity.invalid", "This is not a key file of ggen", {
      expected: `JSON with "format": "${format}" and the fields of docs/reference/keys.md`,
      hint: "Give the file that publisher init or rotate wrote with --key-file.",
    });
  if (text.length > maxFileLength) throw refuse();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse();
  }
  const outer = recordOf(value);
  const inner = recordOf(outer?.["scrypt"]);
  const salt = bytesOf(inner?.["salt"], 32);
  const nonce = bytesOf(outer?.["nonce"], 12);
  const data = bytesOf(outer?.["data"], 48);
  const N = inner?.["N"];
  const bounded = typeof N === "number" && N >= minCost && N <= maxCost && Number.isInteger(Math.log2(N));
  const known = outer?.["format"] === format && inner?.["r"] === blockSize && inner["p"] === 1;
  if (!known || !bounded || salt === undefined || nonce === undefined || data === undefined) throw refuse();
  return { format, scrypt: { N, r: blockSize, p: 1, salt }, nonce, data };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function bytesOf(value: unknown, length: number): Buffer | undefined {
  if (typeof value !== "string" || value.length !== length * 2 || !/^[0-9a-f]*$/.test(value)) return undefined;
  return Buffer.from(value, "hex");
}

function deriveKey(passphrase: string, { N, r, p, salt }: KeyFile["scrypt"]): Promise<Buffer> {
  // One text, one key, however the keyboard composed its accents.
  const options: ScryptOptions = { N, r, p, maxmem: 160 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFKC"), salt, 32, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
