import { Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class List extends GgenCommand {
  static override description = "List the installed packages of the project, or the global ones.\nNeeds no node.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --global --detailed",
  ];
  static override flags = {
    detailed: Flags.boolean({ description: "publisher, checksum, folder and dependencies of each", default: false }),
    target: Flags.string({ description: "the folder that was installed into", helpValue: "DIR" }),
    global: Flags.boolean({ char: "g", description: "those in $GGEN_HOME/packages", exclusive: ["target"] }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(List);
    const { resolveTarget } = await import("../../install/target.ts");
    const { listInstalled } = await import("@ggen/p2p-gpack");
    const { renderInstalled, toInstalledRow } = await import("../../render/installed.ts");
    const { target } = await resolveTarget({ target: flags.target, global: flags.global, env: process.env });
    const damaged: string[] = [];
    const entries = await listInstalled(target, { onDamaged: (id, error) => damaged.push(`${id}: ${error.message}`) });
    this.warnings(damaged);
    const packages = entries.map(toInstalledRow);
    return this.answer({ target, packages, damaged }, (safe) => renderInstalled(safe, flags.detailed, this.style));
  }
}
