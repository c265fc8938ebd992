import { ggen, startNode } from "@ggen/testkit";
import type { NodeProcess } from "@ggen/testkit";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DemoError } from "./options.ts";

const tailLines = 20;

/** One node of the demo: a real process of the built CLI, with a home and a project of its own. */
export class DemoNode {
  readonly name: string;
  readonly home: string;
  readonly project: string;
  #process: NodeProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  /** @param directory A folder for its home and its project; it need not exist yet. */
  constructor(name: string, directory: string) {
    this.name = name;
    this.home = join(directory, "home");
    this.project = join(directory, "project");
  }

  get peerId(): string {
    return this.#process?.peerId ?? "";
  }

  get addresses(): readonly string[] {
    return this.#process?.addresses ?? [];
  }

  /** Resolves when the process is gone; at once when it was never started. */
  get ended(): Promise<unknown> {
    return this.#ended;
  }

  /** Starts the process and waits until it listens. Rejects with everything that it printed when it does not. */
  async start(args: readonly string[]): Promise<void> {
    await mkdir(join(this.home, "user"), { recursive: true, mode: 0o700 });
    await mkdir(join(this.project, ".ggen"), { recursive: true });
    // Alone on this machine: other nodes nearby take no part. What was just published need not have aged.
    await writeFile(join(this.home, "config.toml"), "[network]\nmdns = false\n\n[install]\ncooldown_hours = 0\n");
    const node = await startNode({ home: this.home, cwd: this.project, args });
    this.#process = node;
    this.#ended = node.exited;
  }

  /** Runs a `ggen` command in the node's project and returns its JSON. Throws DemoError with what it said when it fails. */
  async ggen<Answer>(...args: readonly string[]): Promise<Answer> {
    const result = await ggen(this.home, [...args, "--json"], { cwd: this.project });
    if (result.code === 0) return result.json() as Answer;
    const said = `${result.stdout}${result.stderr}`.trim();
    throw new DemoError(
      `ggen ${args.join(" ")} ended with exit status ${result.code}\n${said}`,
      `its home is ${this.home}`,
    );
  }

  /** Ends the process as Ctrl-C does and waits until it is gone. Returns whether it went by itself, with exit status 0. */
  async stop(): Promise<boolean> {
    const node = this.#process;
    return node === undefined || (await node.stop()) === 0;
  }

  /** The last lines that the node wrote. */
  logTail(): string {
    return (this.#process?.output() ?? "").trim().split("\n").slice(-tailLines).join("\n");
  }
}
