import { hkdfSync } from "node:crypto";

import { createSigner, GgenError, type PublicKey, type RandomSource, type Signer, toHex } from "@ggen/p2p-types";
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

const info = "ggen/rotation/v1";
const wordsOfKey = 24;
const maxKeys = 5;

/**
 * Makes 24 new recovery words (BIP 39, English, 256 bits). They are the rotation key: whoever has them owns the
 * publisher. They are shown once and written nowhere.
 */
export function createRecoveryWords(random: RandomSource): string {
  return wordsOf(random.bytes(32));
}

/** The words for some entropy. @param entropy - 32 bytes */
export function wordsOf(entropy: Uint8Array): string {
  return entropyToMnemonic(entropy, wordlist);
}

/**
 * The entropy that some recovery words stand for.
 * @returns 32 bytes
 * @throws GgenError `identity.invalid` when a word or the checksum is wrong; the message repeats no word
 */
export function entropyOf(words: string): Uint8Array {
  const list = words.trim().toLowerCase().split(/\s+/);
  try {
    if (list.length !== wordsOfKey) throw new RangeError("not 24 words");
    return mnemonicToEntropy(list.join(" "), wordlist);
  } catch {
    throw new GgenError("identity.invalid", "These are not recovery words", {
      expected: "24 words of the BIP 39 English list, in order",
      got: list.length === wordsOfKey ? "24 words, one of which is wrong or out of place" : `${list.length} words`,
      hint: "Compare each word with what was shown when the publisher was made.",
    });
  }
}

/**
 * The rotation key that some recovery words stand for: HKDF-SHA-256 over their 32 bytes of entropy, no salt, info
 * `ggen/rotation/v1`.
 * @throws GgenError `identity.invalid` when a word or the checksum is wrong
 */
export function rotationSigner(words: string): Signer {
  return createSigner(new Uint8Array(hkdfSync("sha256", entropyOf(words), new Uint8Array(), info, 32)));
}

/** The public rotation key of some recovery words. @throws GgenError `identity.invalid` */
export function rotationKeyOf(words: string): PublicKey {
  return toHex(rotationSigner(words).publicKey);
}

/**
 * The recovery words in a text: 24 for each key, with any white space between words and keys.
 * @throws GgenError `identity.invalid`
 */
export function splitRecoveryWords(text: string): readonly string[] {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const keys = words.length / wordsOfKey;
  if (!Number.isInteger(keys) || keys < 1 || keys > maxKeys) {
    throw new GgenError("identity.invalid", "These are not recovery words", {
      expected: `24 words for each rotation key, of at most ${maxKeys} keys`,
      got: `${words.length} words`,
      hint: "Compare them with what was shown when the publisher was made.",
    });
  }
  const sets = Array.from({ length: keys }, (_, key) =>
    words.slice(key * wordsOfKey, (key + 1) * wordsOfKey).join(" "),
  );
  for (const set of sets) entropyOf(set);
  return sets;
}
