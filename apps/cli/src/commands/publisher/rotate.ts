import { Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";
import { changeParams, newKeyFlags, proofFlags } from "../../rotation-keys/flags.ts";

export default class PublisherRotate extends GgenCommand {
  static override description =
    "Replace the rotation keys of your publisher: the former recovery words become worthless.\nThe new words are shown once, before anything is signed; with --new-key-file they go to encrypted files instead.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --keys 3 --threshold 2 --words-file words.txt",
    "<%= config.bin %> <%= command.id %> --new-key-file rotation.key --passphrase-file passphrase.txt --json",
  ];
  static override flags = {
    ...newKeyFlags,
    "new-key-file": Flags.string({
      description: "write a new rotation key to this file, encrypted; once for each key, by rank",
      helpValue: "PATH",
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...proofFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PublisherRotate);
    const [{ GgenError, systemRandom }, { createRecoveryWords, rotationKeyOf }] = await Promise.all([
      import("@ggen/p2p-types"),
      import("@ggen/p2p-registry"),
    ]);
    const paths = flags["new-key-file"] ?? [];
    if (this.jsonEnabled() && paths.length === 0) {
      throw new GgenError("usage.invalid", "With --json the new rotation keys have to go to files", {
        expected: "--new-key-file PATH for each key",
        hint: "They must be kept before the old ones are given up, and JSON is written at the end.",
      });
    }
    await using node = await this.openNode("publish");
    const { readProof } = await import("../../rotation-keys/read-proof.ts");
    const { thresholdOf } = await import("../../rotation-keys/threshold.ts");
    const wanted = await thresholdOf(node.api, flags.publisher, this.signal);
    const recoveryWords = await readProof(flags, wanted, this.signal);
    const made = Array.from({ length: flags.keys }, (_, place) => {
      const words = createRecoveryWords(systemRandom);
      return { rank: place + 1, key: rotationKeyOf(words), recoveryWords: words };
    });
    const { renderNewKeys, renderRotated } = await import("../../render/publisher-change.ts");
    if (paths.length === 0) process.stdout.write(`${renderNewKeys(made, flags.threshold, this.style)}\n`);
    else {
      const { createKeyFiles } = await import("../../rotation-keys/new-key-files.ts");
      await (await createKeyFiles(paths, flags.keys, flags, this.signal)).write(made.map((key) => key.recoveryWords));
    }
    const keys = made.map(({ key }) => key);
    try {
      const change = await node.api.publisherRotate(
        {
          ...changeParams(flags),
          keys,
          threshold: flags.threshold,
          recoveryWords,
        },
        { signal: this.signal },
      );
      this.warnings(change.warnings);
      return this.answer({ ...change, keys, mode: node.mode }, renderRotated);
    } catch (error) {
      this.note("keep the former keys until `ggen publisher show` lists the new ones: the change was not confirmed");
      throw error;
    }
  }
}
