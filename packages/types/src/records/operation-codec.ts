import { encode } from "@ipld/dag-cbor";
import { CID } from "multiformats/cid";

import { fromHex } from "../crypto/hash.ts";
import { contentCidText } from "../content/cid.ts";
import { GgenError } from "../errors.ts";
import { isPackageId } from "../package-id.ts";
import { isVersion } from "../version.ts";
import { CanonicalLink, decodeCanonical } from "./canonical-cbor.ts";
import { checkHex, type Fields, invalidRecord, readFields } from "./fields.ts";
import { manifestFromCbor, manifestToCbor } from "./manifest-codec.ts";
import { type ContentAddress, maxRotationKeys, type Operation, type PublicKey, type PublisherId } from "./operation.ts";
import { fromPublisherId, toPublisherId } from "./publisher-id.ts";

/** Latest time that is encoded: the end of the year 9999, in seconds. */
const maxTime = 253402300799;
const maxSequence = 2 ** 40;
const domainPattern = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const bytesOrNull = (hex: string | null): Uint8Array | null => (hex === null ? null : fromHex(hex));

/**
 * The unsigned bytes of an operation: deterministic DAG-CBOR of one map. Keys, ids and publishers are byte strings, a
 * content CID is a link.
 */
export function encodeOperation(operation: Operation): Uint8Array {
  return encode(toCbor(operation));
}

function toCbor(operation: Operation): Record<string, unknown> {
  switch (operation.type) {
    case "genesis":
      return { ...operation, keys: operation.keys.map(fromHex) };
    case "grant":
      return { ...operation, ...authority(operation), key: fromHex(operation.key) };
    case "revoke":
      return { ...operation, ...authority(operation), key: fromHex(operation.key), head: bytesOrNull(operation.head) };
    case "rotate":
      return { ...operation, ...authority(operation), keys: operation.keys.map(fromHex) };
    case "domain":
      return { ...operation, ...authority(operation) };
    case "release":
      return {
        ...operation,
        ...chain(operation),
        manifest: manifestToCbor(operation.manifest),
        content: {
          cid: CID.parse(operation.content.cid),
          size: operation.content.size,
          sha256: fromHex(operation.content.sha256),
        },
      };
    default:
      return { ...operation, ...chain(operation) };
  }
}

function authority(operation: { publisher: PublisherId; prev: string }): Record<string, unknown> {
  return { publisher: fromHex(fromPublisherId(operation.publisher)), prev: fromHex(operation.prev) };
}

function chain(operation: { publisher: PublisherId; key: PublicKey; prev: string | null }): Record<string, unknown> {
  return {
    publisher: fromHex(fromPublisherId(operation.publisher)),
    key: fromHex(operation.key),
    prev: bytesOrNull(operation.prev),
  };
}

/**
 * The operation in some unsigned bytes. Only bytes that encode again to themselves are accepted.
 * @param bytes - the caller has checked their size
 * @throws GgenError `record.invalid`
 */
export function decodeOperation(bytes: Uint8Array): Operation {
  let value: unknown;
  try {
    value = decodeCanonical(bytes);
  } catch (cause) {
    throw new GgenError("record.invalid", "A record is not deterministic DAG-CBOR", { cause });
  }
  const fields = readFields(value, "operation");
  if (fields.raw("v") !== 1) throw invalidRecord("operation.v", "1");
  const operation = fromCbor(fields);
  fields.end();
  return operation;
}

function fromCbor(fields: Fields): Operation {
  const type = fields.raw("type");
  const base = { v: 1, time: fields.integer("time", 0, maxTime) } as const;
  switch (type) {
    case "genesis":
      return { ...base, type, ...rotationKeys(fields) };
    case "grant":
      return {
        ...base,
        type,
        ...readAuthority(fields),
        key: fields.hex("key", 32),
        label: fields.text("label", 0, 64),
      };
    case "revoke": {
      const seq = fields.integer("seq", 0, maxSequence);
      const head = fields.hexOrNull("head", 32);
      if ((seq === 0) !== (head === null)) throw invalidRecord("operation.head", "null exactly when seq is 0");
      return { ...base, type, ...readAuthority(fields), key: fields.hex("key", 32), seq, head };
    }
    case "rotate":
      return { ...base, type, ...readAuthority(fields), ...rotationKeys(fields) };
    case "domain": {
      const domain = fields.text("domain", 1, 253);
      if (!domainPattern.test(domain)) throw invalidRecord("operation.domain", "a lower-case domain name");
      return { ...base, type, ...readAuthority(fields), domain, claim: fields.boolean("claim") };
    }
    case "release":
      return {
        ...base,
        type,
        ...readChain(fields),
        ...readVersion(fields),
        manifest: manifestFromCbor(fields.raw("manifest")),
        content: readContent(fields.raw("content")),
      };
    case "yank":
      return { ...base, type, ...readChain(fields), ...readVersion(fields), reason: fields.text("reason", 0, 500) };
    case "unyank":
      return { ...base, type, ...readChain(fields), ...readVersion(fields) };
    default:
      throw invalidRecord("operation.type", "genesis, grant, revoke, rotate, domain, release, yank or unyank");
  }
}

function rotationKeys(fields: Fields): { keys: PublicKey[]; threshold: number } {
  const keys = fields.list("keys", maxRotationKeys, (item, name) => checkHex(item, name, 32));
  if (keys.length === 0 || new Set(keys).size !== keys.length) {
    throw invalidRecord("operation.keys", `1-${maxRotationKeys} different keys`);
  }
  return { keys, threshold: fields.integer("threshold", 1, keys.length) };
}

function readAuthority(fields: Fields): { publisher: PublisherId; prev: string } {
  return { publisher: toPublisherId(fields.hex("publisher", 32)), prev: fields.hex("prev", 32) };
}

function readChain(fields: Fields): { publisher: PublisherId; key: PublicKey; seq: number; prev: string | null } {
  const seq = fields.integer("seq", 1, maxSequence);
  const prev = fields.hexOrNull("prev", 32);
  if ((seq === 1) !== (prev === null)) throw invalidRecord("operation.prev", "null exactly when seq is 1");
  return { publisher: toPublisherId(fields.hex("publisher", 32)), key: fields.hex("key", 32), seq, prev };
}

function readVersion(fields: Fields): { id: string; version: string } {
  const id = fields.text("id", 1, 100);
  if (!isPackageId(id)) throw invalidRecord("operation.id", "a package id");
  const version = fields.text("version", 1, 100);
  if (!isVersion(version)) throw invalidRecord("operation.version", "a semver version without build metadata");
  return { id, version };
}

function readContent(value: unknown): ContentAddress {
  const fields = readFields(value, "content");
  const link = fields.raw("cid");
  const cid = link instanceof CanonicalLink ? contentCidText(link.cid) : undefined;
  if (cid === undefined) throw invalidRecord("content.cid", "a link: CIDv1, raw or dag-pb, sha2-256");
  const content = {
    cid,
    size: fields.integer("size", 1, Number.MAX_SAFE_INTEGER),
    sha256: fields.hex("sha256", 32),
  };
  fields.end();
  return content;
}
