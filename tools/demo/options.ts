import { parseArgs } from "node:util";

/** How the demo was asked for. */
export interface DemoOptions {
  /** End after the last step instead of staying up. */
  readonly once: boolean;
  /** Port of the gateway on 127.0.0.1. */
  readonly port: number;
}

/** Something that a person can put right: what went wrong, and what to do. */
export class DemoError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = "DemoError";
    this.hint = hint;
  }
}

/** Reads `--once` and `--port N`. Throws DemoError for anything else. */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const usage = "npm start -- [--once] [--port N]";
  try {
    const options = { once: { type: "boolean" }, port: { type: "string" } } as const;
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    const port = Number(values.port ?? "8080");
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new DemoError(`Expected a port from 1 to 65535, got ${JSON.stringify(values.port)}`, usage);
    }
    return { once: values.once ?? false, port };
  } catch (error) {
    if (error instanceof DemoError) throw error;
    throw new DemoError(error instanceof Error ? error.message : String(error), usage);
  }
}
