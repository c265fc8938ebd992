import { Args } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class Info extends GgenCommand {
  static override description = "Show a package: its metadata, versions, publishers and holders.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand",
    "<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand@^1.0.0 --json",
  ];
  static override args = { ref: Args.string({ description: "[PUBLISHER/]ID[@RANGE]", required: true }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Info);
    await using node = await this.openNode("read");
    const info = await node.api.info({ ref: args.ref }, { signal: this.signal });
    this.warnings(info.warnings ?? []);
    const { renderInfo } = await import("../../render/info.ts");
    return this.answer({ ...info, mode: node.mode }, (safe) => renderInfo(safe, this.style));
  }
}
