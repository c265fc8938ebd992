import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class PublisherTrust extends GgenCommand {
  static override description = "Trust a publisher: its packages win where several publishers claim an id.";
  static override examples = ["<%= config.bin %> <%= command.id %> ggen1qpzry9x8 --nickname alice"];
  static override args = {
    publisher: Args.string({
      description: "an id, a unique prefix of 8 or more characters, or a nickname",
      required: true,
    }),
  };
  static override flags = {
    nickname: Flags.string({ description: "a local name for it", helpValue: "NAME" }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PublisherTrust);
    await using node = await this.openNode("publish");
    const { nickname } = flags;
    const publisher = await node.api.trust(
      { publisher: args.publisher, trusted: true, ...(nickname === undefined ? {} : { nickname }) },
      { signal: this.signal },
    );
    return this.answer({ publisher }, (safe) => `${safe.publisher.publisher} is trusted.\n`);
  }
}
