import { Args } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class ConfigGet extends GgenCommand {
  static override description = "Print the value of one configuration key.";
  static override examples = ["<%= config.bin %> <%= command.id %> cache.max_size_mb"];
  static override args = { key: Args.string({ description: "e.g. cache.max_size_mb", required: true }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(ConfigGet);
    const { loadConfig, suggestKey } = await import("@ggen/p2p-config");
    const { toConfigRows } = await import("../../config-file.ts");
    const { showConfigValue } = await import("../../render/config.ts");
    const row = toConfigRows(await loadConfig({ env: process.env })).find(({ key }) => key === args.key);
    if (row === undefined) {
      const { GgenError } = await import("@ggen/p2p-types");
      const suggestion = suggestKey(args.key);
      throw new GgenError("config.invalid", `${args.key.slice(0, 100)} is not a configuration key`, {
        expected: suggestion ?? "a key that ggen config show lists",
        got: args.key.slice(0, 100),
        hint: suggestion === undefined ? "List the keys: ggen config show" : `Did you mean ${suggestion}?`,
      });
    }
    return this.answer(row, ({ value }) => `${typeof value === "string" ? value : showConfigValue(value)}\n`);
  }
}
