import { Args } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class PublisherUntrust extends GgenCommand {
  static override description = "Trust a publisher no longer. What is installed stays.";
  static override examples = ["<%= config.bin %> <%= command.id %> alice"];
  static override args = {
    publisher: Args.string({
      description: "an id, a unique prefix of 8 or more characters, or a nickname",
      required: true,
    }),
  };

  async run(): Promise<unknown> {
    const { args } = await this.parse(PublisherUntrust);
    await using node = await this.openNode("publish");
    const publisher = await node.api.trust({ publisher: args.publisher, trusted: false }, { signal: this.signal });
    return this.answer({ publisher }, (safe) => `${safe.publisher.publisher} is no longer trusted.\n`);
  }
}
