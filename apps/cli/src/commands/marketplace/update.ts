import { Args, Flags } from "@oclif/core";
import type { InstalledPackage } from "@ggen/p2p-types";

import { GgenCommand } from "../../command.ts";

export default class Update extends GgenCommand {
  static override description =
    "Install the newest versions of installed packages, of the publishers they were installed from.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand --dry-run",
  ];
  static override args = { ref: Args.string({ description: "[PUBLISHER/]ID; none: all" }) };
  static override flags = {
    "dry-run": Flags.boolean({ description: "only say what would be installed", default: false }),
    target: Flags.string({ description: "the folder that was installed into", helpValue: "DIR" }),
    global: Flags.boolean({ char: "g", description: "those in $GGEN_HOME/packages", exclusive: ["target"] }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Update);
    const { listInstalled, recoverInstalls } = await import("@ggen/p2p-gpack");
    const { resolveTarget } = await import("../../install/target.ts");
    const { findUpgrades, selectInstalled } = await import("../../install/upgrades.ts");
    const { renderInstall } = await import("../../render/install.ts");
    const place = await resolveTarget({ target: flags.target, global: flags.global, env: process.env });
    if (!flags["dry-run"]) await recoverInstalls(place.target, place.lockfile);
    const entries = selectInstalled(await listInstalled(place.target), args.ref);
    await using node = await this.openNode("install");
    const options = await this.callOptions();
    const upgrades = await findUpgrades(node.api, entries, this.signal);
    const packages: InstalledPackage[] = [];
    const warnings = upgrades.flatMap(({ id, error }) => (error === undefined ? [] : [`${id}: ${error.message}`]));
    for (const { id, publisher, latest, outdated } of upgrades) {
      if (!outdated) continue;
      const result = await node.api.install(
        {
          ref: `${publisher}/${id}@${latest}`,
          target: place.target,
          ...(place.lockfile === undefined ? {} : { lockfile: place.lockfile }),
          ...(flags["dry-run"] ? { dryRun: true } : {}),
        },
        options,
      );
      packages.push(...result.packages);
      warnings.push(...result.warnings);
    }
    this.warnings(warnings);
    const json = { packages, dryRun: flags["dry-run"], warnings, ...place, mode: node.mode };
    return this.answer(json, (safe) =>
      safe.packages.length === 0 ? "Everything is up to date.\n" : renderInstall(safe, this.style),
    );
  }
}
