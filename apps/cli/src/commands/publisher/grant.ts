import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";
import { changeParams, proofFlags } from "../../rotation-keys/flags.ts";

export default class PublisherGrant extends GgenCommand {
  static override description =
    "Let a signing key sign for your publisher: one of another machine, or a new one of this machine.\nNeeds the recovery words; --request makes a key here that is granted where they are.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> 3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29 --label ci",
    "<%= config.bin %> <%= command.id %> --new --words-file words.txt",
    "<%= config.bin %> <%= command.id %> --new --request --publisher alice",
  ];
  static override args = { key: Args.string({ description: "public key, 64 hexadecimal digits" }) };
  static override flags = {
    new: Flags.boolean({ description: "make a new key, kept on this machine", default: false }),
    request: Flags.boolean({
      description: "with --new: only make it; grant it where the words are",
      dependsOn: ["new"],
    }),
    label: Flags.string({ description: "what to call the key: at most 64 characters", helpValue: "TEXT" }),
    ...proofFlags,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PublisherGrant);
    const { GgenError } = await import("@ggen/p2p-types");
    if ((args.key === undefined) !== flags.new) {
      throw new GgenError("usage.invalid", "Which key is to be granted?", {
        expected: "either a public key or --new",
        hint: "Read: ggen publisher grant --help",
      });
    }
    await using node = await this.openNode("publish");
    if (flags.request) {
      if (flags.publisher === undefined) {
        throw new GgenError("usage.invalid", "Whose key shall it be?", {
          expected: "--publisher ID",
          hint: "List those known: ggen publisher list",
        });
      }
      const made = await node.api.publisherRequestKey({ publisher: flags.publisher }, { signal: this.signal });
      const command = `ggen publisher grant ${made.key} --publisher ${made.publisher}`;
      return this.answer(
        { ...made, granted: false, command, mode: node.mode },
        (safe) => `${this.style.bold(safe.key)} is made. Where the recovery words are, run:\n  ${safe.command}\n`,
      );
    }
    const { readProof } = await import("../../rotation-keys/read-proof.ts");
    const { thresholdOf } = await import("../../rotation-keys/threshold.ts");
    const wanted = await thresholdOf(node.api, flags.publisher, this.signal);
    const change = await node.api.publisherGrant(
      {
        ...changeParams(flags),
        ...(args.key === undefined ? {} : { key: args.key }),
        ...(flags.label === undefined ? {} : { label: flags.label }),
        recoveryWords: await readProof(flags, wanted, this.signal),
      },
      { signal: this.signal },
    );
    const { renderGranted } = await import("../../render/publisher-change.ts");
    this.warnings(change.warnings);
    return this.answer({ ...change, mode: node.mode }, (safe) => renderGranted(safe, this.style));
  }
}
