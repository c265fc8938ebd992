import { GgenCommand } from "../../command.ts";

export default class PublisherList extends GgenCommand {
  static override description = "List the publishers that this node knows.";
  static override examples = ["<%= config.bin %> <%= command.id %>"];

  async run(): Promise<unknown> {
    await this.parse(PublisherList);
    await using node = await this.openNode("read");
    const publishers = await node.api.publishers({ signal: this.signal });
    const { renderPublishers } = await import("../../render/publishers.ts");
    return this.answer({ publishers, mode: node.mode }, (safe) => renderPublishers(safe.publishers, this.style));
  }
}
