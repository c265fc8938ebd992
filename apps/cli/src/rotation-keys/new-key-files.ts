import { open, rm } from "node:fs/promises";

import { GgenError, systemRandom } from "@ggen/p2p-types";

import { askSecret } from "./ask-secret.ts";
import { type ProofSource, readPassphrase } from "./read-proof.ts";

/** Files that were made empty, so that what is to be kept has its place before it exists. */
export interface NewKeyFiles {
  /** Encrypts one rotation key into each file, by rank, durably. @throws GgenError `storage.failed` */
  write(recoveryWords: readonly string[]): Promise<void>;
  /** Takes the empty files away again. */
  discard(): Promise<void>;
}

/**
 * Makes files for new rotation keys, which must not exist yet, and asks for their passphrase.
 * @param paths - one for each key, by rank
 * @throws GgenError `usage.invalid`, `aborted`
 */
export async function createKeyFiles(
  paths: readonly string[],
  keys: number,
  source: Pick<ProofSource, "passphrase-file">,
  signal: AbortSignal,
): Promise<NewKeyFiles> {
  if (paths.length !== keys) {
    throw new GgenError("usage.invalid", "Each rotation key has a file of its own", {
      expected: `${keys} different files`,
      got: `${paths.length}`,
    });
  }
  const passphrase = await newPassphrase(source, signal);
  const made: string[] = [];
  const discard = async (): Promise<void> => {
    for (const path of made.splice(0)) await rm(path, { force: true });
  };
  for (const path of paths) {
    try {
      await (await open(path, "wx", 0o600)).close();
      made.push(path);
    } catch (cause) {
      await discard();
      throw new GgenError("usage.invalid", `The key file ${path} cannot be made`, {
        expected: "a new file in a folder that can be written",
        got: (cause as Error).message,
        cause,
      });
    }
  }
  return {
    async write(recoveryWords) {
      const { sealKeyFile } = await import("@ggen/p2p-registry");
      for (const [place, words] of recoveryWords.entries()) {
        const path = paths[place] ?? "";
        try {
          const file = await open(path, "r+");
          try {
            await file.writeFile(await sealKeyFile(words, passphrase, systemRandom));
            await file.sync();
          } finally {
            await file.close();
          }
        } catch (cause) {
          throw new GgenError("storage.failed", `The key file ${path} cannot be written`, { cause });
        }
      }
    },
    discard,
  };
}

async function newPassphrase(source: Pick<ProofSource, "passphrase-file">, signal: AbortSignal): Promise<string> {
  const passphrase = await readPassphrase(
    source,
    "A passphrase for the new key files (12 characters or more): ",
    signal,
  );
  if (passphrase.length < 12) {
    throw new GgenError("usage.invalid", "The passphrase is too short", {
      expected: "at least 12 characters",
      got: `${passphrase.length} characters`,
    });
  }
  if (source["passphrase-file"] !== undefined) return passphrase;
  const again = await askSecret("The same passphrase again: ", "--passphrase-file PATH", signal);
  if (again === passphrase) return passphrase;
  throw new GgenError("usage.invalid", "The two passphrases differ", { hint: "Run the command again." });
}
