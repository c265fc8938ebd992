import { createInputSource } from "./input-source.ts";
import type { SharedState } from "./shared-state.ts";
import type { Chance, Finding, FuzzTarget } from "./target.ts";

/** Processor time that one input may take, in milliseconds: what is checked before it is decoded bounds the work. */
const maxCpuMs = 2000;

/** How long and with what a target runs. */
export interface RunOptions {
  readonly chance: Chance;
  readonly shared: SharedState;
  readonly learnt: readonly Uint8Array[];
  /** By the clock on the wall, in milliseconds since 1970. */
  readonly until: number;
}

/** What came of it. */
export interface Outcome {
  readonly executions: number;
  readonly accepted: number;
  /** Different ways in which inputs were accepted or refused. */
  readonly ways: number;
  /** Longest processor time of one input in milliseconds. */
  readonly slowestMs: number;
  readonly learnt: readonly Uint8Array[];
  readonly finding?: Finding;
}

/** Feeds a target until the time is over or something is found. */
export async function runTarget(name: string, target: FuzzTarget, options: RunOptions): Promise<Outcome> {
  const source = createInputSource(target, options.learnt, options.chance);
  const ways = new Set<string>();
  const tally = { executions: 0, accepted: 0, slowestMs: 0 };
  let finding: Finding | undefined;
  // On a machine without a moment to spare, too, each target is more than started.
  const least = target.seeds.length + 200;
  while (finding === undefined && (tally.executions < least || Date.now() < options.until)) {
    const input = source.next();
    tally.executions++;
    options.shared.begin(tally.executions, input);
    const found = (kind: Finding["kind"], message: string): Finding => ({
      target: name,
      kind,
      message,
      execution: tally.executions,
      input: input.slice(),
    });
    const before = process.threadCpuUsage();
    const verdict = await judge(target, input);
    options.shared.end();
    const { user, system } = process.threadCpuUsage(before);
    tally.slowestMs = Math.max(tally.slowestMs, (user + system) / 1000);
    if (verdict.kind === "crash") finding = found("crash", verdict.way);
    else if (verdict.kind === "accepted") tally.accepted++;
    if (tally.slowestMs > maxCpuMs) finding ??= found("slow", `${Math.round(tally.slowestMs)} ms of processor time`);
    for (const key in {}) finding ??= found("pollution", `Object.prototype got a property "${key}"`);
    if (tally.executions === target.seeds.length && tally.accepted === 0) {
      finding ??= found("unusable", `none of its seeds is accepted; the last one: ${verdict.way}`);
    }
    ways.add(verdict.way);
    source.tell(verdict.way);
  }
  const result = { ...tally, ways: ways.size, learnt: source.learnt };
  return finding === undefined ? result : { ...result, finding };
}

interface Verdict {
  readonly kind: "accepted" | "refused" | "crash";
  /** How it came to that, without what varies. */
  readonly way: string;
}

async function judge(target: FuzzTarget, input: Uint8Array): Promise<Verdict> {
  try {
    let result = target.run(input);
    if (result instanceof Promise) result = await result;
    if (result === false) return { kind: "refused", way: "false" };
    return { kind: "accepted", way: typeof result === "string" ? `accepted ${result}` : "accepted" };
  } catch (error) {
    if (!isRefusal(error))
      return { kind: "crash", way: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    return { kind: "refused", way: `${error.code} ${shape(error.message)} ${shape(error.expected)}` };
  }
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly expected?: string;
}

/** Recognised by its looks: what runs here imports nothing of the product. Code `internal` is a crash in disguise. */
function isRefusal(error: unknown): error is Refusal {
  if (!(error instanceof Error) || error.name !== "GgenError" || !("code" in error)) return false;
  return typeof error.code === "string" && error.code !== "internal";
}

/** A message without what differs from input to input. */
function shape(text = ""): string {
  return text
    .slice(0, 200)
    .replace(/".*"/s, '"')
    .replaceAll(/\d+/g, "0")
    .replaceAll(/[^ -~]+/g, "?");
}
