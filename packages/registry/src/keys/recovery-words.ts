import { hkdfSync } from "node:crypto";

import { createSigner, GgenError, type RandomSource, type Signer } from "@ggen/p2p-types";
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

const info = "ggen/rotation/v1";

/**
 * Makes 24 new recovery words (BIP 39, English, 256 bits). They are the rotation key: whoever has them owns the
 * publisher. They are shown once and written nowhere.
 */
export function createRecoveryWords(random: RandomSource): string {
  return entropyToMnemonic(random.bytes(32), wordlist);
}

/**
 * The rotation key that some recovery words stand for: HKDF-SHA-256 over their 32 bytes of entropy, no salt, info
 * `ggen/rotation/v1`.
 * @throws GgenError `identity.invalid` when a word or the checksum is wrong
 */
export function rotationSigner(words: string): Signer {
  let entropy: Uint8Array;
  try {
    entropy = mnemonicToEntropy(words.trim().toLowerCase().split(/\s+/).join(" "), wordlist);
  } catch (cause) {
    throw new GgenError("identity.invalid", "These are not recovery words", {
      expected: "24 words of the BIP 39 English list, in order",
      hint: "Compare each word with what was shown when the publisher was made.",
      cause,
    });
  }
  return createSigner(new Uint8Array(hkdfSync("sha256", entropy, new Uint8Array(), info, 32)));
}
