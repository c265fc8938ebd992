import { join } from "node:path";

import { Args } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class ConfigSet extends GgenCommand {
  static override description =
    "Set one key in the configuration file; comments and all other lines stay.\nA running node uses it after its next start.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> cache.max_size_mb 500",
    "<%= config.bin %> <%= command.id %> network.protocols tcp,websocket",
  ];
  static override args = {
    key: Args.string({ description: "e.g. cache.max_size_mb", required: true }),
    value: Args.string({ description: "a list: its items separated by commas", required: true }),
  };

  async run(): Promise<unknown> {
    const { args } = await this.parse(ConfigSet);
    const { resolveHome, setConfigValue } = await import("@ggen/p2p-config");
    const { readConfigText, writeConfigText } = await import("../../config-file.ts");
    const file = join(resolveHome(process.env), "config.toml");
    const text = await readConfigText(file);
    await writeConfigText(file, setConfigValue(text, args.key, args.value));
    return this.answer({ key: args.key, value: args.value, file }, (safe) => `${safe.key} is set in ${safe.file}\n`);
  }
}
