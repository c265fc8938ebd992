import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";
import { changeParams, proofFlags } from "../../rotation-keys/flags.ts";

export default class PublisherRevoke extends GgenCommand {
  static override description =
    "End a signing key: what it signed after the given point is void on every node.\nWithout --at, what this machine signed with it stays valid; of another machine's key, everything up to now.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> 3b6a27bc",
    "<%= config.bin %> <%= command.id %> 3b6a27bc --at 12 --words-file words.txt",
    "<%= config.bin %> <%= command.id %> 3b6a27bc --at 0",
  ];
  static override args = {
    key: Args.string({ description: "public key, or its first 8 or more digits", required: true }),
  };
  static override flags = {
    at: Flags.integer({
      description: "number of the last operation that stays valid; 0: none",
      helpValue: "SEQ",
      min: 0,
    }),
    head: Flags.string({
      description: "id of that operation, where the key signed two with one number",
      helpValue: "ID",
    }),
    ...proofFlags,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PublisherRevoke);
    await using node = await this.openNode("publish");
    const { readProof } = await import("../../rotation-keys/read-proof.ts");
    const { thresholdOf } = await import("../../rotation-keys/threshold.ts");
    const wanted = await thresholdOf(node.api, flags.publisher, this.signal);
    const change = await node.api.publisherRevoke(
      {
        key: args.key,
        ...changeParams(flags),
        ...(flags.at === undefined ? {} : { at: flags.at }),
        ...(flags.head === undefined ? {} : { head: flags.head }),
        recoveryWords: await readProof(flags, wanted, this.signal),
      },
      { signal: this.signal },
    );
    const { renderRevoked } = await import("../../render/publisher-change.ts");
    this.warnings(change.warnings);
    return this.answer({ ...change, mode: node.mode }, (safe) => renderRevoked(safe, this.style));
  }
}
