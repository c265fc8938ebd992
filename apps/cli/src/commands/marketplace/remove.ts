import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class Remove extends GgenCommand {
  static override description = "Remove an installed package, and its entry in ggen.lock. Needs no node.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand",
    "<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand --dry-run",
  ];
  static override args = { ref: Args.string({ description: "[PUBLISHER/]ID[@RANGE]", required: true }) };
  static override flags = {
    "dry-run": Flags.boolean({ description: "only say what would be removed", default: false }),
    target: Flags.string({ description: "the folder that was installed into", helpValue: "DIR" }),
    global: Flags.boolean({ char: "g", description: "from $GGEN_HOME/packages", exclusive: ["target"] }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Remove);
    const { resolveTarget } = await import("../../install/target.ts");
    const { removePackage } = await import("../../install/remove.ts");
    const place = await resolveTarget({ target: flags.target, global: flags.global, env: process.env });
    const removed = await removePackage(place, args.ref, flags["dry-run"]);
    this.warnings(removed.neededBy.map((id) => `${id} depends on ${removed.id}`));
    return this.answer(
      removed,
      ({ id, version, path }) => `${flags["dry-run"] ? "Would remove" : "Removed"} ${id}@${version} from ${path}\n`,
    );
  }
}
