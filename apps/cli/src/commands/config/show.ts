import { Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class ConfigShow extends GgenCommand {
  static override description = "Show the configuration that commands and the node use.";
  static override examples = ["<%= config.bin %> <%= command.id %> --origin"];
  static override flags = {
    origin: Flags.boolean({ description: "where each value came from: default, file and line, variable" }),
    config: Flags.string({ char: "c", description: "read this file", helpValue: "PATH" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConfigShow);
    const { loadConfig } = await import("@ggen/p2p-config");
    const { toConfigRows } = await import("../../config-file.ts");
    const { renderConfig } = await import("../../render/config.ts");
    const loaded = await loadConfig({
      env: process.env,
      ...(flags.config === undefined ? {} : { file: flags.config }),
    });
    const json = {
      home: loaded.home,
      file: loaded.file ?? null,
      values: toConfigRows(loaded),
      warnings: loaded.warnings,
    };
    this.warnings(loaded.warnings);
    return this.answer(json, (safe) => renderConfig(safe.values, flags.origin, this.style));
  }
}
