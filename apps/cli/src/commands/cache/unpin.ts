import { Args } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class CacheUnpin extends GgenCommand {
  static override description = "Let the content of a package be evicted again.";
  static override examples = ["<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand@1.0.0"];
  static override args = { ref: Args.string({ description: "[PUBLISHER/]ID[@RANGE]", required: true }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(CacheUnpin);
    await using node = await this.openNode("publish");
    const { cid } = await node.api.cachePin({ ref: args.ref, pinned: false }, await this.callOptions());
    return this.answer(
      { ref: args.ref, cid, pinned: false },
      (safe) => `${safe.ref} (${safe.cid}) is no longer pinned.\n`,
    );
  }
}
