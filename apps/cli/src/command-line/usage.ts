import { GgenError } from "@ggen/p2p-types";

import { nearest } from "./nearest.ts";

/** What a command line that cannot be read is refused with: the sentence, and its parts. */
interface Refusal {
  readonly message: string;
  readonly expected: string;
  readonly got: string;
}

/** oclif's sentences, each with ours. They are not part of its stable surface: whatever matches none is kept. */
const sentences: readonly (readonly [RegExp, (...groups: readonly string[]) => Refusal])[] = [
  [
    /^Parsing (--\S+)\s+Expected (.+) but received: ?(.*)$/s,
    (flag, expected, got) => ({
      message: `The value of ${flag} is not valid`,
      expected: expected ?? "",
      got: quote(got),
    }),
  ],
  [
    /^Expected (--[^=]+)=(.*) to be one of: (.+)$/s,
    (flag, got, expected) => ({
      message: `The value of ${flag} is not valid`,
      expected: `one of ${expected}`,
      got: quote(got),
    }),
  ],
  [
    /^Flag (--\S+) expects /,
    (flag) => ({ message: `${flag} has no value`, expected: "a value after it", got: "none" }),
  ],
  [
    /^Unexpected arguments?: (.+)$/s,
    (words) => ({
      message: `There is no place for "${words}"`,
      expected: "the arguments of this command; words that belong together stand in quotes",
      got: quote(words),
    }),
  ],
  [
    /^Missing \d+ required args?:\s+(\S+)\s*(.*)$/s,
    (name, description) => ({
      message: `${name?.toUpperCase()} is missing`,
      expected: description?.split("\n", 1)[0] || (name ?? ""),
      got: "nothing",
    }),
  ],
  [
    /(--[^\s=]+)\S* cannot also be provided when using (--\S+)/,
    (one, other) => ({
      message: `${one} and ${other} exclude each other`,
      expected: "one of the two",
      got: "both",
    }),
  ],
];

const quote = (text: string | undefined): string => JSON.stringify((text ?? "").slice(0, 100));

/**
 * A command line that oclif could not read, as `usage.invalid`.
 * @param text - oclif's message
 * @param options - the command, and its flags with dashes
 */
export function unreadableLine(
  text: string,
  options: { readonly command: string; readonly flags: readonly string[]; readonly cause: unknown },
): GgenError {
  const { command, flags, cause } = options;
  const said = text.replace(/\nSee more help with --help$/, "").trim();
  const hint = `Read: ${command} --help`;
  const unknown = /^Nonexistent flags?: (-\S+)/.exec(said)?.[1];
  if (unknown !== undefined) {
    const name = unknown.replace(/[=,].*$/, "");
    const meant = nearest(name, flags);
    return new GgenError("usage.invalid", `${command} has no flag ${name}`, {
      expected: meant ?? (flags.join(", ") || "no flag"),
      got: name,
      hint: meant === undefined ? hint : `Did you mean ${meant}? ${hint}`,
      cause,
    });
  }
  for (const [pattern, refuse] of sentences) {
    const match = pattern.exec(said);
    if (match === null) continue;
    const { message, expected, got } = refuse(...match.slice(1));
    return new GgenError("usage.invalid", message, { expected, got, hint, cause });
  }
  const message = said
    .split("\n")
    .map((line) => line.trim())
    .join(" ");
  return new GgenError("usage.invalid", message, {
    expected: `what ${command} takes`,
    got: "something else",
    hint,
    cause,
  });
}

/**
 * A command that does not exist, as `usage.invalid` with the one that was probably meant.
 * @param words - of the command line, as far as oclif took them for a command
 * @param commands - all commands, with spaces
 */
export function unknownCommand(words: readonly string[], commands: readonly string[]): GgenError {
  // Topics that exist, then the first word that does not.
  let known = 0;
  const isTopic = (count: number): boolean =>
    commands.some((command) => command.startsWith(`${words.slice(0, count).join(" ")} `));
  while (known < words.length - 1 && isTopic(known + 1)) known += 1;
  const topic = words.slice(0, known);
  const word = words[known] ?? "";
  const typed = [...topic, word].join(" ");
  const meant = suggestIn(topic, word, commands) ?? suggestAnywhere(word, commands);
  const list = `List the commands: ${["ggen", ...topic, "--help"].join(" ")}`;
  return new GgenError("usage.invalid", `There is no command "ggen ${typed}"`, {
    expected: meant === undefined ? "a command of ggen" : `ggen ${meant}`,
    got: JSON.stringify(word.slice(0, 100)),
    hint: meant === undefined ? list : `Did you mean ggen ${meant}? ${list}`,
  });
}

/** A command of the topic whose next word is near. */
function suggestIn(topic: readonly string[], word: string, commands: readonly string[]): string | undefined {
  const start = topic.map((name) => `${name} `).join("");
  const below = commands.filter((command) => command.startsWith(start));
  const next = nearest(
    word,
    below.map((command) => command.slice(start.length).split(" ", 1)[0] ?? ""),
  );
  return next === undefined ? undefined : `${start}${next}`;
}

/** A command of any topic whose last word is near: `ggen install` for `ggen marketplace install`. */
function suggestAnywhere(word: string, commands: readonly string[]): string | undefined {
  const last = nearest(
    word,
    commands.map((command) => command.split(" ").at(-1) ?? ""),
  );
  return commands.find((command) => command.split(" ").at(-1) === last);
}
