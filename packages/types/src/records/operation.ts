import type { Manifest } from "../manifest.ts";

/** The sha2-256 of an operation's unsigned bytes, as 64 lower-case hexadecimal digits. */
export type OperationId = string;
/** A publisher: `ggen1` + base32 (RFC 4648, lower case, no padding) of its genesis operation's id. */
export type PublisherId = string;
/** An Ed25519 public key as 64 lower-case hexadecimal digits. */
export type PublicKey = string;

interface OperationBase {
  /** The format's version. */
  readonly v: 1;
  /** Author's time in whole seconds since 1970. Orders nothing and proves nothing. */
  readonly time: number;
}

/** The first operation of a publisher; its id is the publisher's. Signed by at least `threshold` of `keys`. */
export interface GenesisOperation extends OperationBase {
  readonly type: "genesis";
  /** 1-5 rotation keys; the first ranks highest. */
  readonly keys: readonly PublicKey[];
  /** How many distinct rotation keys sign an authority operation: 1 to `keys.length`. */
  readonly threshold: number;
}

interface AuthorityBase extends OperationBase {
  readonly publisher: PublisherId;
  /** The authority operation before this one. */
  readonly prev: OperationId;
}

/** Allows a signing key to sign releases. */
export interface GrantOperation extends AuthorityBase {
  readonly type: "grant";
  readonly key: PublicKey;
  /** What the owner calls the key, for people: 0-64 characters. */
  readonly label: string;
}

/** Ends a signing key: only `head` and its ancestors stay valid. */
export interface RevokeOperation extends AuthorityBase {
  readonly type: "revoke";
  readonly key: PublicKey;
  /** The last valid sequence number; 0 when nothing of the key stays valid. */
  readonly seq: number;
  /** The id of the operation with that number; null when `seq` is 0. */
  readonly head: OperationId | null;
}

/** Replaces the rotation keys. Signed by the keys that it replaces. */
export interface RotateOperation extends AuthorityBase {
  readonly type: "rotate";
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

/** Claims a domain, or gives it up. Believed only with a DNS answer that says the same. */
export interface DomainOperation extends AuthorityBase {
  readonly type: "domain";
  /** Lower case, without a trailing dot. */
  readonly domain: string;
  readonly claim: boolean;
}

interface ChainBase extends OperationBase {
  readonly publisher: PublisherId;
  /** The signing key; each has a chain of its own. */
  readonly key: PublicKey;
  /** 1, 2, 3 … without gaps. */
  readonly seq: number;
  /** The operation with the number before; null when `seq` is 1. */
  readonly prev: OperationId | null;
}

/** The content of a release: its canonical archive. */
export interface ContentAddress {
  /** CIDv1 text of the archive under UnixFS profile unixfs-v1-2025. */
  readonly cid: string;
  /** Bytes of the uncompressed archive. */
  readonly size: number;
  /** sha2-256 of the archive's bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Publishes one version of a package, for good. */
export interface ReleaseOperation extends ChainBase {
  readonly type: "release";
  /** As its publisher spells it; compared without case. */
  readonly id: string;
  readonly version: string;
  readonly manifest: Manifest;
  readonly content: ContentAddress;
}

/** Withdraws a version: hidden, and installable only from a lockfile. */
export interface YankOperation extends ChainBase {
  readonly type: "yank";
  readonly id: string;
  readonly version: string;
  /** For people: 0-500 characters. */
  readonly reason: string;
}

/** Takes a yank back. */
export interface UnyankOperation extends ChainBase {
  readonly type: "unyank";
  readonly id: string;
  readonly version: string;
}

/** An operation of the authority chain, signed by rotation keys. */
export type AuthorityOperation =
  | GenesisOperation
  | GrantOperation
  | RevokeOperation
  | RotateOperation
  | DomainOperation;
/** An operation of a release chain, signed by its signing key. */
export type ChainOperation = ReleaseOperation | YankOperation | UnyankOperation;
/** Any signed operation. */
export type Operation = AuthorityOperation | ChainOperation;

/** A signature beside the key that made it. */
export interface OperationSignature {
  readonly key: PublicKey;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** An operation that was decoded and whose every signature was checked. */
export interface SignedOperation {
  readonly id: OperationId;
  readonly operation: Operation;
  /** Distinct keys, in ascending byte order. */
  readonly signatures: readonly OperationSignature[];
  /** The envelope exactly as it travels: at most {@link maxEnvelopeBytes}. */
  readonly envelope: Uint8Array;
}

/** Largest envelope in bytes; checked before anything is decoded. */
export const maxEnvelopeBytes: number = 16 * 1024;
/** Most rotation keys of a publisher. */
export const maxRotationKeys = 5;
