import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";

import { type File, Instrumenter } from "@stryker-mutator/instrumenter";

/** A change of the source that a test should notice. */
export interface Mutant {
  readonly id: string;
  /** Relative to the package. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
}

type Options = Parameters<Instrumenter["instrument"]>[1];
type Ignorer = Options["ignorers"][number];

/** What is looked at of a place in the syntax tree. */
interface SyntaxPath {
  readonly node: { readonly type: string };
  readonly parent?: {
    readonly type: string;
    readonly callee?: { readonly type: string; readonly name?: string };
    readonly arguments?: readonly unknown[];
  } | null;
}

/** Functions whose arguments after the first are words for people; a changed word is no changed decision. */
const refusals =
  /^(?:GgenError|RangeError|invalid\w*|malformed|refus\w*|tooLarge|corrupt|badHeader|broken|unasked|unproved|wrongSigner|describe|text)$/;

/** Leaves the texts of errors alone, not their codes and not whether they are thrown. */
const messages: Ignorer = {
  shouldIgnore(path) {
    const { parent, node } = path as unknown as SyntaxPath;
    if (parent?.type !== "NewExpression" && parent?.type !== "CallExpression") return undefined;
    const { callee, arguments: given = [] } = parent;
    const name = callee?.type === "Identifier" ? (callee.name ?? "") : "";
    if (!refusals.test(name)) return undefined;
    // The lockfile's own helper: its second argument says what was expected.
    if (name === "text" && node.type !== "StringLiteral") return undefined;
    const place = given.indexOf(node);
    const isCode = (name === "GgenError" || name === "text") && place === 0;
    return place >= 0 && !isCode ? "words for people" : undefined;
  },
};

const silent = (): void => {};
const logger = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  fatal: silent,
};

/**
 * Puts every mutant into the files at once, each behind a switch.
 * @param directory - the package, in a copy: its files are overwritten
 * @param files - absolute paths
 */
export async function instrument(directory: string, files: readonly string[]): Promise<readonly Mutant[]> {
  const sources: File[] = files.map((name) => ({ name, mutate: true, content: readFileSync(name, "utf8") }));
  const texts = new Map(sources.map(({ name, content }) => [name, content]));
  const { files: changed, mutants } = await new Instrumenter(logger).instrument(sources, {
    ignorers: [messages],
    excludedMutations: [],
    plugins: null,
  });
  // Of a copy that is thrown away: every mutant stands in it at once, and most of them have no right type.
  for (const { name, content } of changed) writeFileSync(name, `// @ts-nocheck\n${content}`);
  return mutants
    .filter((mutant) => mutant.status === undefined)
    .map(({ id, fileName, location, mutatorName, replacement }) => ({
      id,
      file: relative(directory, fileName),
      line: location.start.line + 1,
      mutator: mutatorName,
      original: excerpt(texts.get(fileName) ?? "", location.start, location.end),
      replacement: (replacement ?? "").replaceAll(/\s+/g, " "),
    }));
}

interface Place {
  readonly line: number;
  readonly column: number;
}

function excerpt(text: string, start: Place, end: Place): string {
  const lines = text.split("\n").slice(start.line, end.line + 1);
  const last = lines.length - 1;
  return lines
    .map((line, at) => line.slice(at === 0 ? start.column : 0, at === last ? end.column : undefined))
    .join(" ")
    .replaceAll(/\s+/g, " ");
}
