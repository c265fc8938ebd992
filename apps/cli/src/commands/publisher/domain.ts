import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";
import { changeParams, proofFlags } from "../../rotation-keys/flags.ts";

export default class PublisherDomain extends GgenCommand {
  static override description =
    "Claim a domain: ids that begin with its reverse are yours where its DNS says the same.\nPrints the DNS record that proves it.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> example.com",
    "<%= config.bin %> <%= command.id %> example.com --drop --words-file words.txt",
  ];
  static override args = { domain: Args.string({ description: "e.g. example.com", required: true }) };
  static override flags = { drop: Flags.boolean({ description: "give it up" }), ...proofFlags };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PublisherDomain);
    await using node = await this.openNode("publish");
    const { readProof } = await import("../../rotation-keys/read-proof.ts");
    const { thresholdOf } = await import("../../rotation-keys/threshold.ts");
    const wanted = await thresholdOf(node.api, flags.publisher, this.signal);
    const change = await node.api.publisherDomain(
      {
        domain: args.domain,
        claim: !flags.drop,
        ...changeParams(flags),
        recoveryWords: await readProof(flags, wanted, this.signal),
      },
      { signal: this.signal },
    );
    const { renderDomain } = await import("../../render/publisher-change.ts");
    this.warnings(change.warnings);
    return this.answer({ ...change, mode: node.mode }, (safe) => renderDomain(safe, this.style));
  }
}
