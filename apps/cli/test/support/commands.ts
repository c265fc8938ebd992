import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { type Command, Config, settings } from "@oclif/core";

/** A command with what the tests look at. */
export interface LoadedCommand {
  readonly class: Command.Class;
  readonly flags: Readonly<Record<string, Command.Flag.Cached>>;
  readonly args: Readonly<Record<string, Command.Arg.Cached>>;
  /** With the program's and the command's names filled in. */
  readonly examples: readonly string[];
}

/** Loads every command from source, by its name with spaces. */
export async function loadCommands(): Promise<{
  readonly config: Config;
  readonly commands: ReadonlyMap<string, LoadedCommand>;
}> {
  settings.enableAutoTranspile = false;
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const pjson = JSON.parse(await readFile(`${root}package.json`, "utf8")) as { oclif: { commands: string } };
  pjson.oclif.commands = "./src/commands";
  const config = await Config.load({ root, pjson: pjson as never, ignoreManifest: true });
  const commands = new Map<string, LoadedCommand>();
  for (const cached of config.commands) {
    const id = cached.id.replaceAll(":", " ");
    const loaded = await cached.load();
    const examples = (loaded.examples ?? []).map((example) =>
      (typeof example === "string" ? example : example.command)
        .replaceAll("<%= config.bin %>", "ggen")
        .replaceAll("<%= command.id %>", id),
    );
    commands.set(id, { class: loaded, flags: cached.flags, args: cached.args, examples });
  }
  return { config, commands };
}
