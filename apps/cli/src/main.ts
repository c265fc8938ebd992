import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { familyVersion, GgenError, systemReason } from "@ggen/p2p-types";

import { expandAliases } from "./command-line/aliases.ts";
import { watchOutput } from "./command-line/output.ts";

/**
 * Runs one command line and ends the process with its exit status.
 * @param argv - without the program's name
 * @param options - `source`: whether commands are read from `src` instead of `dist`
 */
export async function main(argv: readonly string[], options: { readonly source: boolean }): Promise<void> {
  const output = watchOutput();
  if (argv.length === 1 && ["--version", "-V", "version"].includes(argv[0] ?? "")) {
    process.stdout.write(`ggen ${familyVersion}\n`);
  } else {
    const { Config, run, settings } = await import("@oclif/core");
    // Its own listener to failures of stdout throws them where nobody catches them.
    output.takeOver();
    // The lookup of TypeScript sources by oclif does not know this compiler; there is none to do.
    settings.enableAutoTranspile = false;
    const root = fileURLToPath(new URL("..", import.meta.url));
    const pjson = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { oclif: { commands: string } };
    if (options.source) pjson.oclif.commands = "./src/commands";
    const config = await Config.load({ root, pjson: pjson as never, ignoreManifest: options.source });
    try {
      requireCurrentFolder();
      await run(expandAliases(argv), config);
    } catch (error) {
      const { reportFailure } = await import("./command-line/failure.ts");
      process.exitCode = reportFailure(error, argv, {
        commands: config.commandIDs.map((id) => id.replaceAll(":", " ")),
      });
    }
  }
  const refusal = await output.end();
  if (refusal !== undefined && (process.exitCode ?? 0) === 0) {
    const { reportFailure } = await import("./command-line/failure.ts");
    process.exitCode = reportFailure(refusal, []);
  }
  // Whatever a dependency left open must not keep a finished command alive.
  process.exit();
}

/** Refuses to run where no relative path means anything, in one sentence, before something fails in the middle of it. */
function requireCurrentFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    throw new GgenError("usage.invalid", "The folder that this was called in no longer exists", {
      expected: "a current folder",
      got: systemReason(cause),
      hint: "Go to one that exists: cd ~",
      cause,
    });
  }
}
