import { Args } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class CachePin extends GgenCommand {
  static override description = "Keep the content of a package, whatever the quota; it is fetched when it is missing.";
  static override examples = ["<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand@1.0.0"];
  static override args = { ref: Args.string({ description: "[PUBLISHER/]ID[@RANGE]", required: true }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(CachePin);
    await using node = await this.openNode("publish");
    const { cid } = await node.api.cachePin({ ref: args.ref, pinned: true }, await this.callOptions());
    return this.answer({ ref: args.ref, cid, pinned: true }, (safe) => `${safe.ref} (${safe.cid}) is pinned.\n`);
  }
}
