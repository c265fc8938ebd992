import { Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class ConfigValidate extends GgenCommand {
  static override description =
    "Check the configuration file and the environment.\nOne error names every wrong value with its line; warnings name what cannot work.";
  static override examples = ["<%= config.bin %> <%= command.id %> --config ./config.toml"];
  static override flags = { config: Flags.string({ char: "c", description: "check this file", helpValue: "PATH" }) };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConfigValidate);
    const { loadConfig } = await import("@ggen/p2p-config");
    const loaded = await loadConfig({
      env: process.env,
      ...(flags.config === undefined ? {} : { file: flags.config }),
    });
    this.warnings(loaded.warnings);
    const json = { valid: true, file: loaded.file ?? null, warnings: loaded.warnings };
    return this.answer(json, (safe) => `${safe.file ?? "The default configuration"} is valid.\n`);
  }
}
