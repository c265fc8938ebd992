import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { familyVersion } from "@ggen/p2p-types";

import { expandAliases } from "./command-line/aliases.ts";

/**
 * Runs one command line and ends the process with its exit status.
 * @param argv - without the program's name
 * @param options - `source`: whether commands are read from `src` instead of `dist`
 */
export async function main(argv: readonly string[], options: { readonly source: boolean }): Promise<void> {
  if (argv.length === 1 && ["--version", "-V", "version"].includes(argv[0] ?? "")) {
    process.stdout.write(`ggen ${familyVersion}\n`);
    return;
  }
  const { Config, run, settings } = await import("@oclif/core");
  // The lookup of TypeScript sources by oclif does not know this compiler; there is none to do.
  settings.enableAutoTranspile = false;
  const root = fileURLToPath(new URL("..", import.meta.url));
  const pjson = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { oclif: { commands: string } };
  if (options.source) pjson.oclif.commands = "./src/commands";
  const config = await Config.load({ root, pjson: pjson as never, ignoreManifest: options.source });
  try {
    await run(expandAliases(argv), config);
    await written();
  } catch (error) {
    const { reportFailure } = await import("./command-line/failure.ts");
    process.exitCode = reportFailure(error, argv, {
      commands: config.commandIDs.map((id) => id.replaceAll(":", " ")),
    });
  }
  // Whatever a dependency left open must not keep a finished command alive.
  process.exit();
}

/**
 * Resolves when everything that was said went out, however slowly it is read, or when nobody reads it any more: oclif's own
 * `flush` gives up after ten seconds, and waits for ever for a reader that went away.
 */
function written(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write("", () => resolve());
  });
}
