import { chmod, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

import { GgenError, isGgenError, systemReason } from "@ggen/p2p-types";

import { diskError } from "./disk-error.ts";

const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const maxKeyFileBytes = 4096;

/**
 * Writes a private key durably: PKCS#8 PEM, mode 0600, never visible half-written.
 * @param path - absolute; its folder exists
 * @param seed - 32 bytes
 * @throws GgenError `storage.full`, `storage.failed`
 */
export async function writeSeedFile(path: string, seed: Uint8Array): Promise<void> {
  const der = Buffer.concat([pkcs8Prefix, seed]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  // Any 32 bytes are a key: without its public half beside it, a damaged one would be another identity.
  const pem = `Public-Key: ${publicHexOf(key)}\n${key.export({ format: "pem", type: "pkcs8" }).toString()}`;
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, "w", 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(pem);
      await file.sync();
    } finally {
      await file.close();
    }
    await moveInFolder(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw diskError(`${path} could not be written`, cause);
  }
}

/**
 * Gives a file in the same folder another name, durably.
 * @throws GgenError `storage.full`, `storage.failed`
 */
export async function renameDurably(from: string, to: string): Promise<void> {
  try {
    await moveInFolder(from, to);
  } catch (cause) {
    throw diskError(`${to} could not be written`, cause);
  }
}

async function moveInFolder(from: string, to: string): Promise<void> {
  await rename(from, to);
  const folder = await open(dirname(to), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function publicHexOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
}

/**
 * Reads a private key that {@link writeSeedFile} wrote. A mode that lets others read it is narrowed to 0600.
 * @returns 32 bytes, or undefined when there is no such file
 * @throws GgenError `identity.invalid`
 */
export async function readSeedFile(path: string): Promise<Uint8Array | undefined> {
  const refuse = (got: string, cause?: unknown): GgenError =>
    new GgenError("identity.invalid", `${path} is not a usable key file`, {
      expected: "an Ed25519 private key in PKCS#8 PEM",
      got,
      cause,
    });
  let pem: Buffer;
  try {
    const { mode, size } = await stat(path);
    if (size > maxKeyFileBytes) throw refuse(`${size} bytes`);
    if ((mode & 0o077) !== 0) await chmod(path, 0o600);
    pem = await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause instanceof GgenError ? cause : refuse((cause as Error).message, cause);
  }
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== "ed25519") throw new RangeError(String(key.asymmetricKeyType));
    const expected = /^Public-Key: ([0-9a-f]{64})$/m.exec(pem.toString("latin1"))?.[1];
    if (expected !== undefined && expected !== publicHexOf(key)) throw new RangeError("not the key of its Public-Key");
    return new Uint8Array(key.export({ format: "der", type: "pkcs8" }).subarray(pkcs8Prefix.length));
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
}

/**
 * The key in a file, made when there is none.
 * @param create - gives 32 random bytes
 * @throws GgenError `identity.invalid`, `home.unwritable`, `storage.full`
 */
export async function loadOrCreateSeed(path: string, create: () => Uint8Array): Promise<Uint8Array> {
  const existing = await readSeedFile(path);
  if (existing !== undefined) return existing;
  const seed = create();
  try {
    await writeSeedFile(path, seed);
  } catch (cause) {
    if (isGgenError(cause, "storage.full")) throw cause;
    throw new GgenError("home.unwritable", `${path} cannot be written`, {
      expected: "a folder that this user may write",
      got: isGgenError(cause) ? cause.got : systemReason(cause),
      cause,
    });
  }
  return seed;
}
