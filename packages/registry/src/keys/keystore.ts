import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

import { makeFolders } from "@ggen/p2p-gpack";
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
import { readSeedFile, renameDurably, writeSeedFile } from "../home/secret-file.ts";

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
  /** Which keys there are, in the order of {@link list}; none is read. */
  keys(): Promise<readonly { readonly publisher: PublisherId; readonly key: PublicKey }[]>;
  /** Keeps a new signing key; durable when it resolves. */
  add(publisher: PublisherId, seed: Uint8Array): Promise<OwnKey>;
  /**
   * Keeps the first key of a publisher that is being made, which counts for nothing until it is confirmed: a key whose
   * publisher came to nothing would keep its home from having another. One that was never confirmed goes.
   */
  stage(publisher: PublisherId, seed: Uint8Array): Promise<StagedKey>;
}

/** A key that is on the disk and not among the home's keys yet. */
export interface StagedKey extends OwnKey {
  /** Makes it one of the home's keys, durably. */
  confirm(): Promise<void>;
}

const keyName = /^[0-9a-f]{64}\.key$/;
const stagedName = /^[0-9a-f]{64}\.key\.new$/;

/** @param directory - `keys` of the home; made when it is first written */
export function createKeystore(directory: string): Keystore {
  const write = async (publisher: PublisherId, seed: Uint8Array, ending: string): Promise<[OwnKey, string]> => {
    const signer = createSigner(seed);
    const key = toHex(signer.publicKey);
    const folder = join(directory, publisher);
    await makeFolders(folder, 0o700).catch((cause: unknown) => {
      throw diskError(`${folder} could not be made`, cause);
    });
    const path = join(folder, `${key}.key${ending}`);
    await writeSeedFile(path, seed);
    return [{ publisher, key, signer }, path];
  };
  return {
    async list() {
      const keys: OwnKey[] = [];
      for (const { publisher, key: name } of await this.keys()) {
        const path = join(directory, publisher, `${name}.key`);
        const seed = await readSeedFile(path);
        if (seed === undefined) continue;
        const signer = createSigner(seed);
        const key = toHex(signer.publicKey);
        if (key !== name) {
          throw new GgenError("identity.invalid", `${path} is damaged`, {
            expected: "the key that it is named by",
            got: key,
          });
        }
        keys.push({ publisher, key, signer });
      }
      return keys;
    },
    async publishers() {
      return [...new Set((await this.keys()).map(({ publisher }) => publisher))];
    },
    async keys() {
      const found: { publisher: PublisherId; key: PublicKey }[] = [];
      for (const publisher of await names(directory)) {
        if (!isPublisherId(publisher)) continue;
        const files = (await names(join(directory, publisher))).filter((name) => keyName.test(name));
        found.push(...files.map((name) => ({ publisher, key: name.slice(0, -".key".length) })));
      }
      return found;
    },
    async add(publisher, seed) {
      const [own] = await write(publisher, seed, "");
      return own;
    },
    async stage(publisher, seed) {
      await removeStaged(directory);
      const [own, path] = await write(publisher, seed, ".new");
      return { ...own, confirm: () => renameDurably(path, path.slice(0, -".new".length)) };
    },
  };
}

/** Removes what publishers left that came to nothing, as far as it can be: it does no harm. */
async function removeStaged(directory: string): Promise<void> {
  for (const publisher of await names(directory)) {
    const folder = join(directory, publisher);
    if (!isPublisherId(publisher)) continue;
    const staged = (await names(folder)).filter((name) => stagedName.test(name));
    for (const name of staged) await rm(join(folder, name), { force: true }).catch(() => {});
    // Fails where other keys are in it.
    if (staged.length > 0) await rmdir(folder).catch(() => {});
  }
}

async function names(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
