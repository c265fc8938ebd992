import { Args } from "@oclif/core";

import { GgenCommand } from "../command.ts";

export default class Why extends GgenCommand {
  static override description =
    "Explain, step by step, why a package was or was not found, fetched or trusted.\nExit status 0 when it could be installed.";
  static override examples = ["<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand"];
  static override args = { ref: Args.string({ description: "[PUBLISHER/]ID[@RANGE]", required: true }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Why);
    await using node = await this.openNode("read");
    const report = await node.api.why({ ref: args.ref }, await this.callOptions());
    const { renderWhy } = await import("../render/why.ts");
    if (!report.ok) process.exitCode = 5;
    return this.answer({ ...report, mode: node.mode }, (safe) => renderWhy(safe, this.style));
  }
}
