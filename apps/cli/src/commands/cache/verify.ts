import { GgenCommand } from "../../command.ts";

export default class CacheVerify extends GgenCommand {
  static override description =
    "Read the whole store and the catalogue and compare every chunk and record with its hash; damaged chunks are set aside.\nExit status 0 when all is sound, 7 when not.";
  static override examples = ["<%= config.bin %> <%= command.id %>"];

  async run(): Promise<unknown> {
    await this.parse(CacheVerify);
    await using node = await this.openNode("publish");
    const report = await node.api.cacheVerify(await this.callOptions());
    const { renderCacheVerify } = await import("../../render/cache.ts");
    if (report.damaged.length + (report.damagedRecords?.length ?? 0) > 0) process.exitCode = 7;
    return this.answer(report, (safe) => renderCacheVerify(safe, this.style));
  }
}
