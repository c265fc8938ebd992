import { expect, it } from "vitest";
import { createSigner, openEnvelope, sealOperation, toHex } from "../src/index.ts";
it("seals and opens a genesis", () => {
  const signer = createSigner(new Uint8Array(32).fill(1));
  const signed = sealOperation({ v: 1, type: "genesis", time: 1, keys: [toHex(signer.publicKey)], threshold: 1 }, [
    signer,
  ]);
  expect(openEnvelope(signed.envelope)).toEqual(signed);
});
