import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import {
  blockCid,
  cidOfDigest,
  decodeOperation,
  encodeOperation,
  fromHex,
  isGgenError,
  openEnvelope,
  packageKey,
  rawCodec,
  sha256,
  toHex,
} from "../../src/index.ts";
import { docsText, vectorText } from "../vectors.ts";
import { attacks } from "./attacks.ts";
import { hexKey, publisher, rotationA, rotationB, sealed, signing } from "./fixtures.ts";

const signers = { rotationA, rotationB, signing };
const packageIds = ["io.example.Rust-CLI", "io.example.rust-cli", "a", "my-package"];

const vectors = {
  about: "Records of the ggen marketplace; docs/protocol.md says what they mean. Bytes are hexadecimal.",
  keys: Object.entries(signers).map(([name, signer], index) => ({
    name,
    seed: toHex(new Uint8Array(32).fill(index + 1)),
    publicKey: hexKey(signer),
  })),
  publisher: { genesis: sealed[0]?.[1].id, publisher },
  operations: sealed.map(([name, signed, names]) => ({
    name,
    operation: signed.operation,
    unsigned: toHex(encodeOperation(signed.operation)),
    id: signed.id,
    signers: names,
    envelope: toHex(signed.envelope),
  })),
  refused: attacks.map(({ name, envelope, code }) => ({
    name,
    code,
    // The long ones are described by their name; their bytes would only fill the page.
    ...(envelope.byteLength > 2000 ? { sha256: toHex(sha256(envelope)) } : { envelope: toHex(envelope) }),
  })),
  packageKeys: packageIds.map((id) => ({
    id,
    key: toHex(packageKey(id)),
    cid: cidOfDigest(rawCodec, packageKey(id)).toString(),
  })),
  content: [
    {
      bytes: toHex(new TextEncoder().encode("ggen")),
      cid: blockCid(rawCodec, new TextEncoder().encode("ggen")).toString(),
    },
  ],
};

describe("docs/vectors/records.json", () => {
  it("equals what the code makes (UPDATE_DOCS=1 writes it)", () => {
    expect(docsText("vectors/records.json", vectorText(vectors))).toBe(vectorText(vectors));
  });

  it("is shown byte by byte in docs/protocol.md", async () => {
    const page = await readFile(new URL("../../../../docs/protocol.md", import.meta.url), "utf8");
    const example = page.split("<!-- example: unyank -->")[1]?.split("```")[1] ?? "";
    const hex = example
      .split("\n")
      // Remarks begin at column 42; a line of 32 bytes has none and is longer.
      .map((line) => (/^ *[0-9a-f]{64}$/.test(line) ? line : line.slice(0, 42)))
      .join("")
      .replaceAll(/\s/g, "");
    const unyank = vectors.operations.find(({ name }) => name === "unyank");
    expect(hex).toBe(unyank?.envelope);
    for (const shown of [unyank?.id, publisher, vectors.packageKeys.at(-1)?.key, vectors.packageKeys.at(-1)?.cid]) {
      expect(page).toContain(shown);
    }
  });

  const stored = JSON.parse(docsText("vectors/records.json", vectorText(vectors))) as typeof vectors;

  it.each(stored.operations)("$name: opens to what it says, byte for byte", (vector) => {
    const signed = openEnvelope(fromHex(vector.envelope));
    expect(signed.operation).toEqual(vector.operation);
    expect(signed.id).toBe(vector.id);
    expect(toHex(sha256(fromHex(vector.unsigned)))).toBe(vector.id);
    expect(decodeOperation(fromHex(vector.unsigned))).toEqual(vector.operation);
    expect(toHex(encodeOperation(signed.operation))).toBe(vector.unsigned);
    expect(signed.signatures.map(({ key }) => key)).toEqual(signed.signatures.map(({ key }) => key).toSorted());
  });

  it.each(stored.refused.filter((vector) => "envelope" in vector))("refuses: $name", ({ envelope, code }) => {
    expect(() => openEnvelope(fromHex(envelope))).toThrow(
      expect.toSatisfy((error: unknown) => isGgenError(error) && error.code === code),
    );
  });
});
