import { existsSync } from "node:fs";
import { join } from "node:path";

import { GgenCommand } from "../../command.ts";

export default class ConfigPath extends GgenCommand {
  static override description = "Print the path of the configuration file.";
  static override examples = ["<%= config.bin %> <%= command.id %>"];

  async run(): Promise<unknown> {
    await this.parse(ConfigPath);
    const { resolveHome } = await import("@ggen/p2p-config");
    const home = resolveHome(process.env);
    const file = join(home, "config.toml");
    return this.answer({ file, home, exists: existsSync(file) }, (safe) => `${safe.file}\n`);
  }
}
