import { Flags } from "@oclif/core";

import { GgenCommand } from "../../../command.ts";

export default class Logs extends GgenCommand {
  static override description = "Show the log of the node that runs, or last ran, in the background.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --lines 50",
    "<%= config.bin %> <%= command.id %> --follow",
  ];
  static override flags = {
    follow: Flags.boolean({ char: "f", description: "go on showing what is added, until Ctrl-C" }),
    lines: Flags.integer({ char: "n", description: "how many of the last lines", default: 200, min: 0, max: 100_000 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Logs);
    const { resolveHome } = await import("@ggen/p2p-config");
    const { logFilePath } = await import("../../../log/log-file.ts");
    const { followLog, readLastLines } = await import("../../../log/read-log.ts");
    const file = logFilePath(resolveHome(process.env));
    const tail = await readLastLines(file, flags.lines);
    if (!flags.follow)
      return this.answer({ file, lines: tail.lines }, (safe) => safe.lines.map((line) => `${line}\n`).join(""));
    const { plain } = await import("../../../render/plain.ts");
    const show = (line: string): void => {
      process.stdout.write(this.jsonEnabled() ? `${JSON.stringify({ schema: 1, line })}\n` : `${plain(line)}\n`);
    };
    tail.lines.forEach(show);
    await followLog(file, tail.offset, show, this.signal);
    return undefined;
  }
}
