import type { ServerResponse } from "node:http";

import { type GgenError, type Logger, type NodeApi, type Progress, toGgenError } from "@ggen/p2p-types";

import { maxLineBytes } from "../limits.ts";
import type { Shape } from "../shape.ts";

type Method = (this: NodeApi, ...args: readonly unknown[]) => Promise<unknown>;

const toLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

/**
 * Runs one method and writes its answer: progress lines, then exactly one result or error.
 * @param options - the api, the method with its shape and checked parameters, where to write, what cancels
 */
export async function runCall(options: {
  readonly api: NodeApi;
  readonly name: string;
  readonly shape: Shape | undefined;
  readonly params: unknown;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}): Promise<void> {
  const { api, name, shape, params, response, signal, logger } = options;
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  // The caller learns at once that somebody is there, however long the call takes.
  response.flushHeaders();
  let open = true;
  const onProgress = (progress: Progress): void => {
    // A reader that does not keep up misses steps; it never makes the node hold them.
    if (open && !signal.aborted && !response.writableNeedDrain) response.write(toLine({ progress }));
  };
  let line: string;
  try {
    const method = api[name as keyof NodeApi] as unknown as Method;
    const callOptions = { signal, onProgress };
    const result = await (shape === undefined ? method.call(api, callOptions) : method.call(api, params, callOptions));
    line = toLine({ result: result ?? null });
    if (line.length > maxLineBytes) throw new Error(`The answer of "${name}" is over ${maxLineBytes} bytes`);
  } catch (error) {
    const known = toGgenError(error);
    if (known.code === "internal") logger.log("error", known.message, { method: name, stack: known.stack });
    line = toErrorLine(known);
  }
  open = false;
  response.end(line);
}

/** An error as the last line of an answer; facts that are not JSON are left out. */
export function toErrorLine(error: GgenError): string {
  try {
    return toLine({ error });
  } catch {
    return toLine({ error: { code: error.code, message: error.message, hint: error.hint } });
  }
}
