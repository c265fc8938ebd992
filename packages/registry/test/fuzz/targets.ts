/** Hostile bytes for the decoders of this package; `pnpm soak fuzz` runs them. */
import { createCipheriv, scryptSync } from "node:crypto";

import { equalBytes } from "@ggen/p2p-types";

import { openKeyFile } from "../../src/keys/key-file.ts";
import { entropyOf, splitRecoveryWords, wordsOf } from "../../src/keys/recovery-words.ts";

const text = (input: Uint8Array): string => Buffer.from(input).toString("utf8");
const passphrase = "a long passphrase";
const words = wordsOf(new Uint8Array(32).fill(7));
const other = wordsOf(new Uint8Array(32).fill(9));

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** A key file at the lowest cost that is accepted, so that one takes milliseconds. */
function keyFile(): string {
  const format = "ggen/rotation-key/v1";
  const [salt, nonce] = [Buffer.alloc(32, 1), Buffer.alloc(12, 2)];
  const cipher = createCipheriv("aes-256-gcm", scryptSync(passphrase, salt, 32, { N: 2 ** 14, r: 8, p: 1 }), nonce);
  cipher.setAAD(Buffer.from(format));
  const data = Buffer.concat([cipher.update(entropyOf(words)), cipher.final(), cipher.getAuthTag()]);
  const [saltText, nonceText, dataText] = [salt, nonce, data].map((bytes) => bytes.toString("hex"));
  return JSON.stringify({
    format,
    scrypt: { N: 2 ** 14, r: 8, p: 1, salt: saltText },
    nonce: nonceText,
    data: dataText,
  });
}

export const targets = {
  "key file": {
    kind: "text",
    seeds: [keyFile()],
    words: ['"N":16384', '"N":262144', '"N":524288', '"r":8', '"p":1', '"scrypt":', "null", "[]"],
    maxBytes: 1100,
    async run(input: Uint8Array) {
      check((await openKeyFile(text(input), passphrase)) === words, "an altered key file gave another key");
      return true;
    },
  },
  "recovery words": {
    kind: "text",
    seeds: [words, `${words}\n${other}`, `  ${words.toUpperCase()} `],
    words: words.split(" "),
    maxBytes: 4000,
    run(input: Uint8Array) {
      const sets = splitRecoveryWords(text(input));
      for (const set of sets)
        check(equalBytes(entropyOf(wordsOf(entropyOf(set))), entropyOf(set)), "words that change");
      return sets.length.toString();
    },
  },
};
