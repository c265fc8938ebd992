import type { Command } from "@oclif/core";

import type { LoadedCommand } from "./commands.ts";

const head = `# Commands

\`ggen p2p …\` is the same as \`ggen marketplace p2p …\`, and \`ggen marketplace p2p why\` and \`doctor\` are the top-level commands. A flag marked with … may be repeated or hold several values separated by commas. Every command takes \`--json\`: then stdout is one JSON value with \`"schema": 1\` and nothing else (\`start\` without \`--daemon\` and \`logs --follow\`: one JSON value a line), an error is \`{"schema": 1, "error": {code, message, hint, …}}\`, and the exit status is that of [the error](../errors.md). \`--help\` shows examples.

\`REF\` is \`[PUBLISHER/]ID[@RANGE]\`; PUBLISHER is an id, a unique prefix of 8 or more characters, or a local nickname.

`;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** The reference page of the commands, made from the commands. */
export function renderReference(commands: ReadonlyMap<string, LoadedCommand>): string {
  const rows = [...commands].map(([id, command]) => {
    const args = Object.values(command.args).map(
      (arg) =>
        ` ${arg.required === true ? "" : "["}${arg.name.toUpperCase()}${arg.multiple === true ? "…" : ""}${arg.required === true ? "" : "]"}`,
    );
    const flags = Object.values(command.flags)
      .filter((flag) => flag.name !== "json" && flag.hidden !== true)
      .map(describeFlag);
    const text = command.class.description ?? "";
    return `| \`${id}${args.join("")}\` | ${cell(flags.join("<br>"))} | ${cell(text)} |`;
  });
  const table = `| command | flags | what it does |\n|---|---|---|\n${rows.join("\n")}\n`;
  const examples = [...commands].map(
    ([id, command]) => `### ${id}\n\n\`\`\`sh\n${command.examples.join("\n")}\n\`\`\`\n`,
  );
  return `${head}${table}\n## Examples\n\n${examples.join("\n")}`;
}

function describeFlag(flag: Command.Flag.Cached): string {
  const short = flag.char === undefined ? "" : `-${flag.char}/`;
  const name = flag.type === "boolean" && flag.allowNo ? `[no-]${flag.name}` : flag.name;
  const options = flag.type === "option" ? flag.options?.join("\\|") : undefined;
  const help = flag.type === "option" ? (options ?? [flag.helpValue ?? "N"].flat().join(" ")) : undefined;
  const many = flag.type === "option" && flag.multiple === true ? "…" : "";
  const preset =
    flag.type === "option" && flag.default !== undefined && flag.default !== "" ? ` (${String(flag.default)})` : "";
  return `\`${short}--${name}${help === undefined ? "" : ` ${help.replaceAll("\\|", "|")}${many}`}\`${preset}: ${flag.description ?? ""}`;
}
