import { Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";
import { changeParams, proofFlags } from "../../rotation-keys/flags.ts";

export default class PublisherRecover extends GgenCommand {
  static override description =
    "Get your publisher back on this machine from its recovery words, with a new signing key.\nThe catalogue has to know the publisher: start the node and let it meet its peers first.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --words-file words.txt --nickname me",
    "<%= config.bin %> <%= command.id %> --key-file rotation.key",
  ];
  static override flags = {
    label: Flags.string({ description: "what to call the new key: at most 64 characters", helpValue: "TEXT" }),
    nickname: Flags.string({ description: "a local name for the publisher", helpValue: "NAME" }),
    ...proofFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PublisherRecover);
    await using node = await this.openNode("publish");
    const { readProof } = await import("../../rotation-keys/read-proof.ts");
    const change = await node.api.publisherRecover(
      {
        ...changeParams(flags),
        ...(flags.label === undefined ? {} : { label: flags.label }),
        ...(flags.nickname === undefined ? {} : { nickname: flags.nickname }),
        recoveryWords: await readProof(flags, undefined, this.signal),
      },
      { signal: this.signal },
    );
    const { renderGranted } = await import("../../render/publisher-change.ts");
    this.warnings(change.warnings);
    return this.answer({ ...change, mode: node.mode }, (safe) => renderGranted(safe, this.style));
  }
}
