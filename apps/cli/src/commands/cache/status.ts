import { GgenCommand } from "../../command.ts";

export default class CacheStatus extends GgenCommand {
  static override description = "Show what the content store holds and how much of it may be evicted.";
  static override examples = ["<%= config.bin %> <%= command.id %>"];

  async run(): Promise<unknown> {
    await this.parse(CacheStatus);
    await using node = await this.openNode("read");
    const status = await node.api.cacheStatus({ signal: this.signal });
    const { renderCacheStatus } = await import("../../render/cache.ts");
    return this.answer({ ...status, mode: node.mode }, renderCacheStatus);
  }
}
