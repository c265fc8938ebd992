import { encode } from "@ipld/dag-cbor";

import { type Signer, verifySignature } from "../crypto/ed25519.ts";
import { fromHex, sha256, toHex } from "../crypto/hash.ts";
import { GgenError } from "../errors.ts";
import { decodeCanonical } from "./canonical-cbor.ts";
import { checkBytes, readFields } from "./fields.ts";
import {
  maxEnvelopeBytes,
  maxRotationKeys,
  type Operation,
  type OperationSignature,
  type SignedOperation,
} from "./operation.ts";
import { decodeOperation, encodeOperation } from "./operation-codec.ts";

const domain = new TextEncoder().encode("ggen/op/v1\0");

function signedBytes(unsigned: Uint8Array): Uint8Array {
  const message = new Uint8Array(domain.byteLength + unsigned.byteLength);
  message.set(domain);
  message.set(unsigned, domain.byteLength);
  return message;
}

/**
 * Signs an operation and seals it in its envelope: the DAG-CBOR map `{op: bytes, sigs: [{key, sig}, …]}` with the
 * signatures in ascending order of their keys.
 * @param operation - valid in itself; it is decoded again before it is returned
 * @param signers - 1-5 with different keys
 * @throws GgenError `record.too-large`, `record.invalid`
 */
export function sealOperation(operation: Operation, signers: readonly Signer[]): SignedOperation {
  const unsigned = encodeOperation(operation);
  const message = signedBytes(unsigned);
  const sigs = signers
    .map((signer) => ({ key: signer.publicKey, sig: signer.sign(message) }))
    .toSorted((a, b) => Buffer.compare(a.key, b.key));
  return openEnvelope(encode({ op: unsigned, sigs }));
}

/** The parts of an envelope whose signatures were not looked at yet. */
export interface UnverifiedEnvelope {
  readonly signed: SignedOperation;
  /** What the signatures are over. */
  readonly message: Uint8Array;
}

/**
 * Decodes an envelope without checking its signatures, so that they can be checked in batches elsewhere.
 * @param envelope - from anywhere
 * @throws GgenError `record.too-large`, `record.invalid`
 */
export function decodeEnvelope(envelope: Uint8Array): UnverifiedEnvelope {
  if (envelope.byteLength > maxEnvelopeBytes) {
    throw new GgenError("record.too-large", "A record is too large", {
      expected: `at most ${maxEnvelopeBytes} bytes`,
      got: `${envelope.byteLength} bytes`,
    });
  }
  let value: unknown;
  try {
    value = decodeCanonical(envelope);
  } catch (cause) {
    throw new GgenError("record.invalid", "An envelope is not deterministic DAG-CBOR", { cause });
  }
  const fields = readFields(value, "envelope");
  const unsigned = fields.raw("op");
  if (!(unsigned instanceof Uint8Array)) throw new GgenError("record.invalid", "An envelope holds no operation");
  const signatures = fields.list("sigs", maxRotationKeys, readSignature);
  fields.end();
  if (signatures.length === 0 || signatures.some((entry, i) => i > 0 && entry.key <= (signatures[i - 1]?.key ?? ""))) {
    throw new GgenError(
      "record.invalid",
      "The signatures of an envelope are not in ascending order of different keys",
      {
        expected: `1-${maxRotationKeys} signatures`,
      },
    );
  }
  return {
    signed: { id: toHex(sha256(unsigned)), operation: decodeOperation(unsigned), signatures, envelope },
    message: signedBytes(unsigned),
  };
}

function readSignature(value: unknown, name: string): OperationSignature {
  const fields = readFields(value, name);
  const entry = { key: fields.hex("key", 32), signature: checkBytes(fields.raw("sig"), `${name}.sig`, 64).slice() };
  fields.end();
  return entry;
}

/**
 * Decodes an envelope and checks every signature in it. Whether its signers were allowed to sign is the catalogue's
 * question, not answered here.
 * @param envelope - from anywhere
 * @throws GgenError `record.too-large`, `record.invalid`, `record.bad-signature`
 */
export function openEnvelope(envelope: Uint8Array): SignedOperation {
  const { signed, message } = decodeEnvelope(envelope);
  for (const { key, signature } of signed.signatures) {
    if (!verifySignature(fromHex(key), message, signature)) {
      throw new GgenError("record.bad-signature", "A signature of a record is not valid", {
        data: { operation: signed.id },
      });
    }
  }
  return signed;
}
