import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../process/run-command.ts";
import { root } from "../process/workspace.ts";
import { DemoError } from "./options.ts";

const cli = join(root, "apps", "cli", "bin", "run.js");
const startDeadlineMs = 30_000;
const stopDeadlineMs = 10_000;
const tailLines = 20;

/** What a node says when it listens. */
interface ListeningJson {
  readonly event?: string;
  readonly peerId?: string;
  readonly addresses?: readonly string[];
  readonly gateway?: string;
}

/** One node of the demo: a real process with a home of its own. */
export class DemoNode {
  readonly name: string;
  readonly home: string;
  readonly project: string;
  peerId = "";
  addresses: readonly string[] = [];
  readonly #lines: string[] = [];
  readonly #signal: AbortSignal;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  /**
   * @param directory A folder for its home and its project; it may not exist yet.
   * @param signal Ends commands that run for it.
   */
  constructor(name: string, directory: string, signal: AbortSignal) {
    this.name = name;
    this.home = join(directory, "home");
    this.project = join(directory, "project");
    this.#signal = signal;
  }

  /** Starts the process and waits until it listens. */
  async start(args: readonly string[]): Promise<void> {
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    await mkdir(join(this.project, ".ggen"), { recursive: true });
    // Alone on this machine: other nodes of the network it runs in do not take part, and what was just published is old enough.
    await writeFile(join(this.home, "config.toml"), "[network]\nmdns = false\n\n[install]\ncooldown_hours = 0\n");
    const listen = ["--listen", "/ip4/127.0.0.1/tcp/0"];
    const child = spawn(process.execPath, [cli, "marketplace", "p2p", "start", "--json", ...listen, ...args], {
      cwd: this.project,
      env: this.#environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once("close", () => {
        this.#child = undefined;
        resolve();
      });
      child.once("error", (error) => {
        this.#remember(error.message);
        resolve();
      });
    });
    const listening = await this.#waitUntilListening(child);
    this.peerId = listening.peerId ?? "";
    this.addresses = listening.addresses ?? [];
  }

  /** Resolves when the process is gone; at once when it was never started. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Runs a `ggen` command in the node's project and returns its JSON. Throws DemoError with what it said when it fails. */
  async ggen<Answer>(...args: readonly string[]): Promise<Answer> {
    const { code, stdout, output } = await runCommand(process.execPath, [cli, ...args, "--json"], {
      cwd: this.project,
      env: this.#environment(),
      signal: this.#signal,
    });
    if (code !== 0)
      throw new DemoError(`ggen ${args.join(" ")} ended with exit status ${code}\n${output.trim()}`, this.#logHint());
    return JSON.parse(stdout) as Answer;
  }

  /** Ends the process and waits until it is gone. Returns whether it went by itself. */
  async stop(): Promise<boolean> {
    const child = this.#child;
    if (child === undefined) return true;
    child.kill("SIGINT");
    let killed = false;
    const deadline = setTimeout(() => {
      killed = true;
      child.kill("SIGKILL");
    }, stopDeadlineMs);
    await this.#ended;
    clearTimeout(deadline);
    return !killed;
  }

  /** The last lines that the node wrote. */
  async logTail(): Promise<string> {
    const file = await readFile(join(this.home, "logs", "node.log"), "utf8").catch(() => "");
    return [...this.#lines, ...file.trim().split("\n")].slice(-tailLines).join("\n").trim();
  }

  async #waitUntilListening(child: ChildProcess): Promise<ListeningJson> {
    const { promise, resolve, reject } = Promise.withResolvers<ListeningJson>();
    const stop = (): void => {
      reject(new DemoError(`${this.name} was interrupted while it started`, this.#logHint()));
    };
    const deadline = setTimeout(() => {
      reject(new DemoError(`${this.name} did not listen within ${startDeadlineMs / 1000} s`, this.#logHint()));
    }, startDeadlineMs);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        this.#remember(line);
        const listening = parseListening(line);
        if (listening !== undefined) resolve(listening);
      });
    }
    void this.#ended.then(() => {
      reject(new DemoError(`${this.name} ended before it listened`, this.#logHint()));
    });
    this.#signal.addEventListener("abort", stop, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(deadline);
      this.#signal.removeEventListener("abort", stop);
    }
  }

  #remember(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > tailLines) this.#lines.shift();
  }

  #logHint(): string {
    return `its folder is ${this.home}`;
  }

  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("GGEN_") && name !== "RUST_LOG");
    return { ...Object.fromEntries(inherited), GGEN_HOME: this.home };
  }
}

function parseListening(line: string): ListeningJson | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const event = JSON.parse(line) as ListeningJson;
    return event.event === "listening" ? event : undefined;
  } catch {
    return undefined;
  }
}
