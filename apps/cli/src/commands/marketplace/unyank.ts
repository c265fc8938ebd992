import { Args } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class Unyank extends GgenCommand {
  static override description = "Take back the withdrawal of a version of yours.";
  static override examples = ["<%= config.bin %> <%= command.id %> io.example.my-package@1.0.0"];
  static override args = { ref: Args.string({ description: "[PUBLISHER/]ID@VERSION", required: true }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Unyank);
    await using node = await this.openNode("publish");
    const changed = await node.api.yank({ ref: args.ref, reason: "", yanked: false }, { signal: this.signal });
    return this.answer(
      { package: changed, mode: node.mode },
      ({ package: { id, version } }) => `${id}@${version} is offered again.\n`,
    );
  }
}
