import { Args } from "@oclif/core";

import { reasonFlag } from "../../command-line/flags.ts";
import { GgenCommand } from "../../command.ts";

export default class Yank extends GgenCommand {
  static override description = "Withdraw a version of yours: hidden, and installable only where a lockfile holds it.";
  static override examples = ['<%= config.bin %> <%= command.id %> io.example.my-package@1.0.0 --reason "leaks a key"'];
  static override args = { ref: Args.string({ description: "[PUBLISHER/]ID@VERSION", required: true }) };
  static override flags = {
    reason: reasonFlag({ description: "why, for people: at most 500 characters", helpValue: "TEXT", default: "" }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Yank);
    await using node = await this.openNode("publish");
    const changed = await node.api.yank({ ref: args.ref, reason: flags.reason, yanked: true }, { signal: this.signal });
    return this.answer(
      { package: changed, mode: node.mode },
      ({ package: { id, version } }) => `${id}@${version} is withdrawn.\n`,
    );
  }
}
