import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class Install extends GgenCommand {
  static override description =
    "Install a package and its dependencies, verified.\nWithout a running node the local store is used, otherwise a node is started for this command.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand",
    "<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand@^1.0.0 --target ./vendor",
    "<%= config.bin %> <%= command.id %> --frozen-lockfile",
  ];
  static override args = {
    ref: Args.string({ description: "[PUBLISHER/]ID[@RANGE]; none with --frozen-lockfile: all of ggen.lock" }),
  };
  static override flags = {
    target: Flags.string({
      description: "install into this folder (the project's .ggen/packages, otherwise as with --global)",
      helpValue: "DIR",
    }),
    global: Flags.boolean({ char: "g", description: "install into $GGEN_HOME/packages", exclusive: ["target"] }),
    force: Flags.boolean({ description: "install again, also over changed files" }),
    "dry-run": Flags.boolean({ description: "only say what would be installed" }),
    "no-dependencies": Flags.boolean({ description: "install the package alone" }),
    "frozen-lockfile": Flags.boolean({ description: "fail instead of changing ggen.lock" }),
    publisher: Flags.string({
      description: "take the package of this publisher: an id, a prefix of it, or a nickname",
      helpValue: "ID",
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Install);
    const { resolveTarget } = await import("../../install/target.ts");
    const { renderInstall } = await import("../../render/install.ts");
    const { GgenError } = await import("@ggen/p2p-types");
    if (args.ref === undefined && !flags["frozen-lockfile"]) {
      throw new GgenError("usage.invalid", "No package was named", {
        expected: "[PUBLISHER/]ID[@RANGE], or --frozen-lockfile to install what ggen.lock holds",
        got: "neither",
        hint: "Search for one: ggen marketplace search WORDS",
      });
    }
    const place = await resolveTarget({ target: flags.target, global: flags.global, env: process.env });
    if (flags["frozen-lockfile"] && place.lockfile === undefined) {
      throw new GgenError("usage.invalid", "There is no project here that could hold a lockfile", {
        expected: "a folder with ggen.lock, ggen.toml, gpack.toml or .ggen, or below one",
        got: process.cwd(),
        hint: "Run the command inside the project.",
      });
    }
    await using node = await this.openNode("install");
    const result = await node.api.install(
      {
        ...(args.ref === undefined ? {} : { ref: args.ref }),
        target: place.target,
        ...(place.lockfile === undefined ? {} : { lockfile: place.lockfile }),
        ...(flags.force ? { force: true } : {}),
        ...(flags["dry-run"] ? { dryRun: true } : {}),
        ...(flags["no-dependencies"] ? { noDependencies: true } : {}),
        ...(flags["frozen-lockfile"] ? { frozenLockfile: true } : {}),
        ...(flags.publisher === undefined ? {} : { publisher: flags.publisher }),
      },
      await this.callOptions(),
    );
    this.warnings(result.warnings);
    return this.answer({ ...result, ...place, mode: node.mode }, (safe) => renderInstall(safe, this.style));
  }
}
