import { Flags } from "@oclif/core";

/** Where the recovery words, or the key files, of those who change a publisher come from. */
export const proofFlags = {
  publisher: Flags.string({ description: "an id, a unique prefix, or a nickname; yours when absent", helpValue: "ID" }),
  over: Flags.string({
    description: "go in the place of this change, which lower-ranked keys signed; it and later ones lose their effect",
    helpValue: "ID",
  }),
  "words-file": Flags.string({
    description: "read the recovery words from a file, - for stdin; asked for without echo when absent",
    helpValue: "PATH",
  }),
  "key-file": Flags.string({
    description: "read a rotation key from its encrypted file; once for each key",
    helpValue: "PATH",
    multiple: true,
    multipleNonGreedy: true,
  }),
  "passphrase-file": Flags.string({
    description: "read the passphrase of the key files from a file; asked for without echo when absent",
    helpValue: "PATH",
  }),
};

/** The flags that every change passes on, under the names of the API. */
export function changeParams(flags: { readonly publisher: string | undefined; readonly over: string | undefined }): {
  readonly publisher?: string;
  readonly over?: string;
} {
  return {
    ...(flags.publisher === undefined ? {} : { publisher: flags.publisher }),
    ...(flags.over === undefined ? {} : { over: flags.over }),
  };
}

/** How many rotation keys are made, and where they are kept. */
export const newKeyFlags = {
  keys: Flags.integer({ description: "how many rotation keys, by rank", helpValue: "N", min: 1, max: 5, default: 1 }),
  threshold: Flags.integer({
    description: "how many of them sign a change together",
    helpValue: "M",
    min: 1,
    max: 5,
    default: 1,
  }),
};
