import { Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";
import { newKeyFlags, proofFlags } from "../../rotation-keys/flags.ts";

export default class PublisherInit extends GgenCommand {
  static override description =
    "Make your publisher: its keys, and the recovery words, shown once.\nA first publish without it does the same.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --nickname me",
    "<%= config.bin %> <%= command.id %> --keys 3 --threshold 2",
    "<%= config.bin %> <%= command.id %> --key-file rotation.key",
  ];
  static override flags = {
    nickname: Flags.string({ description: "a local name for it", helpValue: "NAME" }),
    ...newKeyFlags,
    "key-file": Flags.string({
      description: "write the rotation key to this file, encrypted, instead of showing its words; once for each key",
      helpValue: "PATH",
      multiple: true,
      multipleNonGreedy: true,
    }),
    "passphrase-file": proofFlags["passphrase-file"],
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PublisherInit);
    const { nickname, keys, threshold } = flags;
    const paths = flags["key-file"] ?? [];
    await using node = await this.openNode("publish");
    const { createKeyFiles } = await import("../../rotation-keys/new-key-files.ts");
    const files = paths.length === 0 ? undefined : await createKeyFiles(paths, keys, flags, this.signal);
    const made = await this.#make(
      node.api,
      { ...(nickname === undefined ? {} : { nickname }), keys, threshold },
      files,
    );
    if (files !== undefined) {
      try {
        await files.write(made.rotationKeys.map(({ recoveryWords }) => recoveryWords));
        const rotationKeys = made.rotationKeys.map(({ rank, key }, place) => ({ rank, key, file: paths[place] ?? "" }));
        return this.answer(
          { publisher: made.publisher, rotationKeys, threshold },
          (safe) =>
            `${this.style.bold(safe.publisher)}\n${safe.rotationKeys.map(({ rank, file }) => `rotation key ${rank}: ${file}\n`).join("")}Keep each file and the passphrase apart, and away from this machine.\n`,
        );
      } catch (error) {
        // The publisher exists: its words are all that is left, and worth more than the form that was asked for.
        this.warnings([`the key files could not be written: ${(error as Error).message}`]);
      }
    }
    const { renderRecoveryWords } = await import("../../render/publish.ts");
    const { renderNewKeys } = await import("../../render/publisher-change.ts");
    return this.answer({ ...made, threshold }, (safe) =>
      keys === 1
        ? `${this.style.bold(safe.publisher)}\n${renderRecoveryWords(safe.recoveryWords, this.style)}`
        : `${this.style.bold(safe.publisher)}\n\n${renderNewKeys(safe.rotationKeys, threshold, this.style)}`,
    );
  }

  async #make(
    api: Awaited<ReturnType<PublisherInit["openNode"]>>["api"],
    params: Parameters<typeof api.publisherInit>[0],
    files: { discard(): Promise<void> } | undefined,
  ): ReturnType<typeof api.publisherInit> {
    try {
      return await api.publisherInit(params, { signal: this.signal });
    } catch (error) {
      await files?.discard();
      throw error;
    }
  }
}
