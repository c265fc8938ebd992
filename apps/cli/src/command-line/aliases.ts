/**
 * Spells out the short and documented forms of commands: `ggen p2p …` is `ggen marketplace p2p …`, and
 * `marketplace p2p why|doctor` are the top-level commands.
 * @param argv - without the program's name
 */
export function expandAliases(argv: readonly string[]): string[] {
  const words = argv[0] === "p2p" ? ["marketplace", ...argv] : [...argv];
  const [first, second, third] = words;
  const topLevel = third === "why" || third === "doctor";
  return first === "marketplace" && second === "p2p" && topLevel ? words.slice(2) : words;
}

/** Whether a command line asks for JSON: a `--json` before any `--`. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end === -1 ? undefined : end).includes("--json");
}
