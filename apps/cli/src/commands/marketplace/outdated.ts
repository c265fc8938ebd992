import { Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class Outdated extends GgenCommand {
  static override description = "List installed packages of which a newer version is released.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --global"];
  static override flags = {
    target: Flags.string({ description: "the folder that was installed into", helpValue: "DIR" }),
    global: Flags.boolean({ char: "g", description: "those in $GGEN_HOME/packages", exclusive: ["target"] }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Outdated);
    const { listInstalled } = await import("@ggen/p2p-gpack");
    const { resolveTarget } = await import("../../install/target.ts");
    const { findUpgrades } = await import("../../install/upgrades.ts");
    const { renderUpgrades } = await import("../../render/upgrades.ts");
    const { target } = await resolveTarget({ target: flags.target, global: flags.global, env: process.env });
    const entries = await listInstalled(target);
    await using node = await this.openNode("read");
    const packages = await findUpgrades(node.api, entries, this.signal);
    return this.answer({ target, packages, mode: node.mode }, (safe) => renderUpgrades(safe.packages, this.style));
  }
}
