import { Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class PublisherInit extends GgenCommand {
  static override description =
    "Make your publisher: its keys, and the recovery words, shown once.\nA first publish without it does the same.";
  static override examples = ["<%= config.bin %> <%= command.id %> --nickname me"];
  static override flags = {
    nickname: Flags.string({ description: "a local name for it", helpValue: "NAME" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PublisherInit);
    await using node = await this.openNode("publish");
    const { nickname } = flags;
    const made = await node.api.publisherInit(nickname === undefined ? {} : { nickname }, { signal: this.signal });
    const { renderRecoveryWords } = await import("../../render/publish.ts");
    return this.answer(
      made,
      (safe) => `${this.style.bold(safe.publisher)}\n${renderRecoveryWords(safe.recoveryWords, this.style)}`,
    );
  }
}
