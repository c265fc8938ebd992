import { errorTable, type GgenError, isGgenError, toGgenError } from "@ggen/p2p-types";

import { renderError } from "../render/error.ts";
import { createStyle, wantsColour } from "../render/style.ts";
import { wantsJson } from "./aliases.ts";
import { unknownCommand, unreadableLine } from "./usage.ts";

/** What oclif throws for a command line that it cannot read; its classes are not part of its stable surface. */
interface ParseFailure extends Error {
  readonly oclif?: { readonly exit?: number };
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

/** What is known about the command line that failed. */
export interface FailedLine {
  /** oclif's id of the command, when one was found. */
  readonly commandId?: string | undefined;
  /** Every command, with spaces, when none was found. */
  readonly commands?: readonly string[];
}

/**
 * Anything that was thrown, as the error that users see: oclif's own failures become `usage.invalid`.
 * @param thrown - what was thrown
 * @param line - for suggestions
 */
export function toFailure(thrown: unknown, { commandId, commands = [] }: FailedLine = {}): GgenError {
  if (isGgenError(thrown) || !(thrown instanceof Error)) return toGgenError(thrown);
  const failure = thrown as ParseFailure;
  if (failure.oclif === undefined) return toGgenError(thrown);
  const unknown = /^command (\S*) not found/.exec(failure.message)?.[1];
  if (unknown !== undefined) return unknownCommand(unknown.split(":"), commands);
  return unreadableLine(failure.message, {
    command: commandId === undefined ? "ggen" : `ggen ${commandId.replaceAll(":", " ")}`,
    flags: Object.keys(failure.parse?.input?.flags ?? {}).map((name) => `--${name}`),
    cause: thrown,
  });
}

/**
 * Says what went wrong, once: on stdout as JSON when that was asked for, otherwise on stderr.
 * @param thrown - what was thrown
 * @param argv - the command line
 * @param line - for suggestions
 * @returns the exit status
 */
export function reportFailure(thrown: unknown, argv: readonly string[], line: FailedLine = {}): number {
  const error = toFailure(thrown, line);
  if (wantsJson(argv)) process.stdout.write(`${JSON.stringify({ schema: 1, error }, undefined, 2)}\n`);
  else process.stderr.write(renderError(error, createStyle(wantsColour(process.stderr, process.env))));
  if (error.code === "internal" && process.env["GGEN_LOG"] !== undefined) {
    process.stderr.write(`${String((error.cause as Error | undefined)?.stack ?? error.stack)}\n`);
  }
  return errorTable[error.code].exit;
}
