import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createSigner, fromHex, isAcceptablePublicKey, toHex, verifySignature } from "../../src/index.ts";
import { docsText, vectorText } from "../vectors.ts";
import {
  challenge,
  fromLittleEndian,
  groupOrder,
  secretScalar,
  toLittleEndian,
  verifyLikeATextbook,
} from "./textbook.ts";

interface Vector {
  readonly name: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
}

/** RFC 8032, section 7.1: secret seed, public key, message, signature. */
const rfc8032 = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
] as const;

const seed = new Uint8Array(32).fill(7);
const signer = createSigner(seed);
const message = new TextEncoder().encode("ggen");
const basePoint = "5866666666666666666666666666666666666666666666666666666666666666";

/** Every spelling of the eight points of small order: y below or above the prime, either sign. */
const smallOrderKeys = [
  `00${"00".repeat(31)}`,
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
].flatMap((hex) => {
  const negative = fromHex(hex);
  negative[31] = (negative[31] ?? 0) | 0x80;
  return [hex, toHex(negative)];
});

/** A signature `(B, 1)`, made without any secret, and a message for which a small-order key "signed" it. */
function forgery(key: string): Vector {
  const signature = basePoint + toHex(toLittleEndian(1n));
  const found = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)).find(
    (candidate) => challenge(fromHex(basePoint), fromHex(key), candidate) % 8n === 0n,
  );
  return {
    name: `key of small order ${key.slice(0, 4)}…${key.slice(-2)}`,
    publicKey: key,
    message: toHex(found ?? seed),
    signature,
    valid: false,
  };
}

/** A signature whose R is the neutral point, as only the owner of the key can make it. */
function smallOrderR(): Vector {
  const r = fromHex(`01${"00".repeat(31)}`);
  const s = (challenge(r, signer.publicKey, message) * secretScalar(seed)) % groupOrder;
  const signature = toHex(r) + toHex(toLittleEndian(s));
  return {
    name: "R of small order",
    publicKey: toHex(signer.publicKey),
    message: toHex(message),
    signature,
    valid: false,
  };
}

function malleable(): Vector {
  const signature = signer.sign(message);
  const s = fromLittleEndian(signature.subarray(32)) + groupOrder;
  const changed = toHex(signature.subarray(0, 32)) + toHex(toLittleEndian(s));
  return {
    name: "S + L",
    publicKey: toHex(signer.publicKey),
    message: toHex(message),
    signature: changed,
    valid: false,
  };
}

const attacks = [...smallOrderKeys.map(forgery), smallOrderR(), malleable()];
const vectors: readonly Vector[] = [
  ...rfc8032.map(([, publicKey, text, signature], index) => ({
    name: `RFC 8032 test ${index + 1}`,
    publicKey,
    message: text,
    signature,
    valid: true,
  })),
  ...attacks,
];

const run = (verify: typeof verifySignature, { publicKey, message: text, signature }: Vector): boolean =>
  verify(fromHex(publicKey), fromHex(text), fromHex(signature));

describe("verifySignature", () => {
  it("equals docs/vectors/ed25519.json (UPDATE_DOCS=1 writes it)", () => {
    const expected = vectorText({ about: "Ed25519 as every verifier of ggen decides it.", vectors });
    expect(docsText("vectors/ed25519.json", expected)).toBe(expected);
  });

  it.each(vectors)("$name: $valid", (vector) => {
    expect(run(verifySignature, vector)).toBe(vector.valid);
  });

  it.each(attacks)("refuses what a textbook accepts: $name", (vector) => {
    expect(run(verifyLikeATextbook, vector)).toBe(true);
    expect(run(verifySignature, vector)).toBe(false);
  });

  it.each(rfc8032)("signs as RFC 8032 says: %.8s", (secret, publicKey, text, signature) => {
    const rfcSigner = createSigner(fromHex(secret));
    expect(toHex(rfcSigner.publicKey)).toBe(publicKey);
    expect(toHex(rfcSigner.sign(fromHex(text)))).toBe(signature);
  });

  it("refuses every signature in which a bit was changed, and every other message", () => {
    const signature = signer.sign(message);
    fc.assert(
      fc.property(fc.nat({ max: 511 }), (bit) => {
        const changed = signature.slice();
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifySignature(signer.publicKey, message, changed)).toBe(false);
      }),
    );
    expect(verifySignature(signer.publicKey, Uint8Array.of(1), signature)).toBe(false);
    expect(verifySignature(createSigner(new Uint8Array(32).fill(8)).publicKey, message, signature)).toBe(false);
  });

  it("answers false and never throws, whatever the bytes", () => {
    const bytes = fc.uint8Array({ maxLength: 70 });
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(fc.oneof(bytes, key), bytes, fc.oneof(bytes, signature), (anyKey, text, anySignature) => {
        expect(verifySignature(anyKey, text, anySignature)).toBe(false);
      }),
    );
  });

  it("goes on verifying after more keys than it remembers", () => {
    const signature = signer.sign(message);
    for (let index = 0; index < 4200; index++) {
      const key = new Uint8Array(32).fill(3);
      new DataView(key.buffer).setUint32(0, index);
      verifySignature(key, message, signature);
    }
    expect(verifySignature(signer.publicKey, message, signature)).toBe(true);
  });

  it("needs a seed of 32 bytes", () => {
    expect(() => createSigner(new Uint8Array(31))).toThrow(RangeError);
  });
});

describe("isAcceptablePublicKey", () => {
  it("refuses keys of small order, keys that are not canonical, and other lengths", () => {
    for (const key of smallOrderKeys) expect(isAcceptablePublicKey(fromHex(key))).toBe(false);
    // y from the prime (…ed) to 2^255 − 1: every one of them has a shorter spelling.
    for (let low = 0xed; low <= 0xff; low++) {
      const key = fromHex(`${low.toString(16)}${"ff".repeat(30)}7f`);
      expect(isAcceptablePublicKey(key)).toBe(false);
      key[31] = 0xff;
      expect(isAcceptablePublicKey(key)).toBe(false);
    }
    expect(isAcceptablePublicKey(signer.publicKey.subarray(1))).toBe(false);
    expect(isAcceptablePublicKey(signer.publicKey)).toBe(true);
  });
});
