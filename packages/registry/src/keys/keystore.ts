import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";

import {
  createSigner,
  GgenError,
  isPublisherId,
  type PublicKey,
  type PublisherId,
  type Signer,
  toHex,
} from "@ggen/p2p-types";

import { diskError } from "../home/disk-error.ts";
import { readSeedFile, writeSeedFile } from "../home/secret-file.ts";

/** A signing key that this home can sign with. */
export interface OwnKey {
  readonly publisher: PublisherId;
  readonly key: PublicKey;
  readonly signer: Signer;
}

/** The signing keys of a home: `keys/<publisher>/<public key>.key`, mode 0600. Rotation keys are never kept here. */
export interface Keystore {
  /** Every key, by publisher and then by key, in ascending order. */
  list(): Promise<readonly OwnKey[]>;
  /** Publishers that there are keys of, ascending; no key is read. */
  publishers(): Promise<readonly PublisherId[]>;
  /** Keeps a new signing key; durable when it resolves. */
  add(publisher: PublisherId, seed: Uint8Array): Promise<OwnKey>;
}

/** @param directory - `keys` of the home; made when it is first written */
export function createKeystore(directory: string): Keystore {
  return {
    async list() {
      const keys: OwnKey[] = [];
      for (const publisher of await names(directory)) {
        if (!isPublisherId(publisher)) continue;
        for (const name of await names(join(directory, publisher))) {
          if (!/^[0-9a-f]{64}\.key$/.test(name)) continue;
          const seed = await readSeedFile(join(directory, publisher, name));
          if (seed === undefined) continue;
          const signer = createSigner(seed);
          const key = toHex(signer.publicKey);
          if (`${key}.key` !== name) {
            throw new GgenError("identity.invalid", `${join(directory, publisher, name)} is damaged`, {
              expected: "the key that it is named by",
              got: key,
            });
          }
          keys.push({ publisher, key, signer });
        }
      }
      return keys;
    },
    async publishers() {
      return (await names(directory)).filter(isPublisherId);
    },
    async add(publisher, seed) {
      const signer = createSigner(seed);
      const key = toHex(signer.publicKey);
      await mkdir(join(directory, publisher), { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
        throw diskError(`${join(directory, publisher)} could not be made`, cause);
      });
      await writeSeedFile(join(directory, publisher, `${key}.key`), seed);
      return { publisher, key, signer };
    },
  };
}

async function names(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
