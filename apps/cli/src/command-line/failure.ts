import { errorTable, GgenError, isGgenError, toGgenError } from "@ggen/p2p-types";

import { renderError } from "../render/error.ts";
import { createStyle, wantsColour } from "../render/style.ts";
import { wantsJson } from "./aliases.ts";

/** What oclif throws for a command line that it cannot read; its classes are not part of its stable surface. */
interface ParseFailure extends Error {
  readonly oclif?: { readonly exit?: number };
  readonly flags?: readonly string[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

/**
 * Anything that was thrown, as the error that users see: oclif's own failures become `usage.invalid`.
 * @param thrown - what was thrown
 * @param commandId - oclif's id of the command, for the hint
 */
export function toFailure(thrown: unknown, commandId?: string): GgenError {
  if (isGgenError(thrown) || !(thrown instanceof Error)) return toGgenError(thrown);
  const failure = thrown as ParseFailure;
  if (failure.oclif === undefined) return toGgenError(thrown);
  const [message = "", ...rest] = failure.message.replace(/\nSee more help with --help$/, "").split("\n");
  const details = rest.map((line) => line.trim()).filter((line) => line !== "");
  const unknown = /^command (\S+) not found$/.exec(message)?.[1];
  if (unknown !== undefined) {
    const words = unknown.split(":");
    return new GgenError("usage.invalid", `There is no command "ggen ${words.join(" ")}"`, {
      hint: `List the commands: ${["ggen", ...words.slice(0, -1), "--help"].join(" ")}`,
    });
  }
  const suggestion = suggestFlag(failure);
  const command = commandId === undefined ? "ggen" : `ggen ${commandId.replaceAll(":", " ")}`;
  return new GgenError("usage.invalid", [tidy(message), ...details].join(": "), {
    hint: suggestion === undefined ? `Read: ${command} --help` : `Did you mean ${suggestion}? Read: ${command} --help`,
    cause: thrown,
  });
}

/** oclif's first line without its loose ends: `Parsing --limit \n\tExpected …`, `Missing 1 required arg:`. */
function tidy(message: string): string {
  return message.replace(/^Parsing (--\S+)\s*$/, "The value of $1 is not valid").replace(/:$/, "");
}

function suggestFlag(failure: ParseFailure): string | undefined {
  const wrong = failure.flags?.[0];
  const known = Object.keys(failure.parse?.input?.flags ?? {});
  if (typeof wrong !== "string" || known.length === 0) return undefined;
  const letters = wrong.replace(/^-+/, "").split("=")[0] ?? "";
  const shared = (name: string): number => {
    let same = 0;
    while (same < name.length && name[same] === letters[same]) same += 1;
    return same;
  };
  const best = known.reduce((a, b) => (shared(b) > shared(a) ? b : a));
  return shared(best) >= 2 ? `--${best}` : undefined;
}

/**
 * Says what went wrong, once: on stdout as JSON when that was asked for, otherwise on stderr.
 * @param thrown - what was thrown
 * @param argv - the command line
 * @param commandId - oclif's id of the command
 * @returns the exit status
 */
export function reportFailure(thrown: unknown, argv: readonly string[], commandId?: string): number {
  const error = toFailure(thrown, commandId);
  if (wantsJson(argv)) process.stdout.write(`${JSON.stringify({ schema: 1, error }, undefined, 2)}\n`);
  else process.stderr.write(renderError(error, createStyle(wantsColour(process.stderr, process.env))));
  if (error.code === "internal" && process.env["GGEN_LOG"] !== undefined) {
    process.stderr.write(`${String((error.cause as Error | undefined)?.stack ?? error.stack)}\n`);
  }
  return errorTable[error.code].exit;
}
