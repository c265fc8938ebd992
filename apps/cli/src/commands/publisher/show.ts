import { Args } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class PublisherShow extends GgenCommand {
  static override description = "Show a publisher and its signing keys: yours when none is named.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> alice"];
  static override args = {
    publisher: Args.string({ description: "an id, a unique prefix of 8 or more characters, or a nickname" }),
  };

  async run(): Promise<unknown> {
    const { args } = await this.parse(PublisherShow);
    await using node = await this.openNode("read");
    const { findPublishers } = await import("../../node/find-publisher.ts");
    const { renderPublisher } = await import("../../render/publishers.ts");
    const publishers = findPublishers(await node.api.publishers({ signal: this.signal }), args.publisher);
    return this.answer({ publishers, mode: node.mode }, (safe) =>
      safe.publishers.map((row) => renderPublisher(row, this.style)).join("\n"),
    );
  }
}
