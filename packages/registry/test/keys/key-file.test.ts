import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { systemRandom } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createRecoveryWords, openKeyFile, rotationKeyOf, sealKeyFile, splitRecoveryWords } from "../../src/index.ts";
import { wordsOf } from "../../src/keys/recovery-words.ts";

const words = createRecoveryWords(systemRandom);
const passphrase = "correct horse battery staple";
/** Made once: a key takes its time by design. */
const sealed = sealKeyFile(words, passphrase, systemRandom);

describe("key files as others write them", () => {
  it("are the key, where they are in the clear", () => {
    // As tools write seeds that ask for no passphrase: who reads the file is the publisher.
    const file = JSON.stringify({ words });
    const { words: stolen } = JSON.parse(file) as { words: string };
    expect(rotationKeyOf(stolen)).toBe(rotationKeyOf(words));
  });

  it("give another key and say nothing, where what is encrypted is not authenticated", () => {
    const entropy = randomBytes(32);
    const [key, nonce] = [scryptSync(passphrase, "salt", 32), Buffer.alloc(16)];
    const encrypted = createCipheriv("aes-256-ctr", key, nonce).update(entropy);
    encrypted[0] = (encrypted[0] ?? 0) ^ 1;
    const opened = createDecipheriv("aes-256-ctr", key, nonce).update(encrypted);
    expect(opened).not.toEqual(entropy);
    expect(rotationKeyOf(wordsOf(opened))).not.toBe(rotationKeyOf(wordsOf(entropy)));
    // Or open with any passphrase at all.
    const other = createDecipheriv("aes-256-ctr", scryptSync("a guess", "salt", 32), nonce).update(encrypted);
    expect(rotationKeyOf(wordsOf(other))).toMatch(/^\S+$/u);
  });
});

describe("an encrypted key file", () => {
  it("gives the words back for its passphrase, and nothing for another", async () => {
    const text = await sealed;
    expect(await openKeyFile(text, passphrase)).toBe(words);
    const refused = await openKeyFile(text, `${passphrase} `).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "identity.invalid" });
    // Pairs, not single words: "salt" is in the word list and is also a field of the file.
    const list = words.split(" ");
    for (const [place, word] of list.slice(1).entries())
      expect(text).not.toMatch(new RegExp(`${list[place]}\\W+${word}`));
  });

  it("is what docs/reference/keys.md says: the vector opens", async () => {
    const page = await readFile(join(import.meta.dirname, "../../../../docs/reference/keys.md"), "utf8");
    const file = /```json\n(.*?)```/s.exec(page)?.[1] ?? "";
    const opened = await openKeyFile(file, "correct horse battery staple");
    expect(opened).toBe(wordsOf(Uint8Array.from({ length: 32 }, (_, place) => place)));
    expect(page).toContain(opened);
    expect(page).toContain(rotationKeyOf(opened));
  });

  it("opens whichever way the passphrase's accents were typed", async () => {
    const text = await sealKeyFile(words, "passe-partout é", systemRandom);
    expect(await openKeyFile(text, "passe-partout e\u0301")).toBe(words);
  });

  it("is not made with a passphrase that can be guessed", async () => {
    await expect(sealKeyFile(words, "short", systemRandom)).rejects.toMatchObject({ code: "usage.invalid" });
  });

  it("is refused when one byte of salt, nonce, data or format is another", async () => {
    const text = await sealed;
    const file = JSON.parse(text) as { scrypt: Record<string, unknown>; nonce: string; data: string };
    const flip = (hex: string): string => (hex.startsWith("0") ? "1" : "0") + hex.slice(1);
    const changed = [
      { ...file, nonce: flip(file.nonce) },
      { ...file, data: flip(file.data) },
      { ...file, scrypt: { ...file.scrypt, salt: flip(String(file.scrypt["salt"])) } },
      { ...file, scrypt: { ...file.scrypt, N: 2 ** 16 } },
      { ...file, format: "ggen/rotation-key/v2" },
    ];
    for (const other of changed) {
      await expect(openKeyFile(JSON.stringify(other), passphrase)).rejects.toMatchObject({ code: "identity.invalid" });
    }
  });

  it.each([
    ["a cost that takes a gigabyte", { N: 2 ** 20 }],
    ["a cost that is no power of two", { N: 2 ** 17 - 1 }],
    ["a cost that protects nothing", { N: 2 }],
    ["a block size of its own", { r: 1024 }],
    ["a parallelism of its own", { p: 1000 }],
  ])("is refused before anything is computed with %s", async (_, scrypt) => {
    const file = JSON.parse(await sealed) as { scrypt: object };
    const hostile = JSON.stringify({ ...file, scrypt: { ...file.scrypt, ...scrypt } });
    await expect(openKeyFile(hostile, passphrase)).rejects.toMatchObject({ code: "identity.invalid" });
  });

  it("is refused, whatever else it holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        await expect(openKeyFile(text, passphrase)).rejects.toMatchObject({ code: "identity.invalid" });
      }),
    );
    await expect(openKeyFile(" ".repeat(10_000_000), passphrase)).rejects.toMatchObject({ code: "identity.invalid" });
  });
});

describe("recovery words in a text", () => {
  it("are split into keys, whatever the white space", () => {
    const other = createRecoveryWords(systemRandom);
    expect(splitRecoveryWords(` ${words.replaceAll(" ", "\n")}\n\n${other}\n`)).toEqual([words, other]);
  });

  it("are refused without being repeated", () => {
    const wrong = `${words.split(" ").slice(0, 23).join(" ")} secretword`;
    for (const text of ["", "one two three", wrong]) {
      let refused: unknown;
      try {
        splitRecoveryWords(text);
      } catch (error) {
        refused = error;
      }
      expect(refused).toMatchObject({ code: "identity.invalid" });
      expect(JSON.stringify(refused)).not.toContain("secretword");
      expect(JSON.stringify(refused)).not.toContain(words.split(" ").slice(0, 2).join(" "));
    }
  });
});
