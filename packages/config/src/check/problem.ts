import { type ErrorCode, GgenError } from "@ggen/p2p-types";

/** Something that is wrong with a configuration. */
export interface ConfigProblem {
  readonly code: Extract<ErrorCode, "config.invalid" | "address.invalid">;
  /** As written, dotted. */
  readonly key: string;
  /** `FILE:LINE`, a variable, a flag. */
  readonly where: string;
  /** What is wrong, as the end of a sentence that begins with the key. */
  readonly what: string;
  readonly expected?: string;
  readonly got?: string;
  /** The key that was probably meant. */
  readonly suggestion?: string;
}

/** A {@link ConfigProblem} before it is known whose and where it is. `part` is the text concerned. */
export type ValueProblem = Omit<ConfigProblem, "key" | "where"> & { readonly part?: string };

/** A problem with its key and its place. */
export function locate(problem: ValueProblem, key: string, where: string): ConfigProblem {
  const { part: _part, ...rest } = problem;
  return { ...rest, key, where };
}

const mostListed = 20;

/**
 * One error for all problems of a configuration.
 * @param problems - at least one
 */
export function problemsError(problems: readonly ConfigProblem[]): GgenError {
  const [first] = problems;
  const code = problems.every((problem) => problem.code === "address.invalid") ? "address.invalid" : "config.invalid";
  const data = { problems: problems.slice(0, mostListed) };
  if (first !== undefined && problems.length === 1) {
    return new GgenError(code, `${first.where}: ${first.key} ${first.what}`, {
      ...(first.expected === undefined ? {} : { expected: first.expected }),
      ...(first.got === undefined ? {} : { got: first.got }),
      ...(first.suggestion === undefined ? {} : { hint: `Write ${first.suggestion} instead.` }),
      data,
    });
  }
  const lines = problems.slice(0, mostListed).map((problem) => `  ${describe(problem)}`);
  if (problems.length > mostListed) lines.push(`  and ${problems.length - mostListed} more`);
  return new GgenError(code, `The configuration has ${problems.length} problems:\n${lines.join("\n")}`, { data });
}

function describe({ where, key, what, expected, got, suggestion }: ConfigProblem): string {
  const facts = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(got === undefined ? [] : [`got ${got}`]),
  ];
  const parts = suggestion === undefined ? facts : [`did you mean ${suggestion}?`];
  return `${where}: ${key} ${what}${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}

/** A value as an error message shows it. */
export function showValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Date) return "a date";
  if (typeof value === "object" && value !== null) return "a table";
  return `${value as bigint | boolean | number | null | undefined}`;
}
