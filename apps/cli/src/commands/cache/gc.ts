import { GgenCommand } from "../../command.ts";

export default class CacheGc extends GgenCommand {
  static override description = "Remove contents that nothing needs any longer.";
  static override examples = ["<%= config.bin %> <%= command.id %>"];

  async run(): Promise<unknown> {
    await this.parse(CacheGc);
    await using node = await this.openNode("publish");
    const freed = await node.api.cacheGc(await this.callOptions());
    const { formatBytes, formatCount } = await import("../../render/quantity.ts");
    return this.answer(
      freed,
      (safe) => `${formatBytes(safe.freedBytes)} freed, ${formatCount(safe.contents, "content")} removed.\n`,
    );
  }
}
