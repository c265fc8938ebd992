import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

import { GgenError } from "@ggen/p2p-types";

/** Where secrets are typed. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks for a secret at the terminal; what is typed or pasted is not shown.
 * @param question - for people
 * @param instead - the flag that does without a terminal, for the error
 * @throws GgenError `usage.invalid` when there is no terminal, `aborted`
 */
export async function askSecret(
  question: string,
  instead: string,
  signal: AbortSignal,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  if (!input.isTTY) {
    throw new GgenError("usage.invalid", "There is no terminal to ask for a secret at", {
      expected: `a terminal, or ${instead}`,
      hint: `Give ${instead}: a secret is never an argument.`,
    });
  }
  output.write(question);
  const silent = new Writable({ write: (_piece, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: true, historySize: 0 });
  const interrupted = new AbortController();
  lines.on("SIGINT", () => interrupted.abort());
  lines.on("close", () => interrupted.abort());
  try {
    return await lines.question("", { signal: AbortSignal.any([signal, interrupted.signal]) });
  } catch (cause) {
    throw new GgenError("aborted", "Nothing was typed; nothing was changed", { cause });
  } finally {
    lines.close();
    output.write("\n");
  }
}
