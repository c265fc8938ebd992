import { Command } from "@oclif/core";

import type { NodeSession, SessionNeed } from "./node/session.ts";
import { reportFailure } from "./command-line/failure.ts";
import { plain, plainValue } from "./render/plain.ts";
import type { ProgressView } from "./render/progress.ts";
import { createStyle, type Style, wantsColour } from "./render/style.ts";

/** What every command of ggen shares: JSON with a schema, one form of errors, safe text, cancellation, progress. */
export abstract class GgenCommand extends Command {
  static override enableJsonFlag = true;

  /** Colours of stdout. */
  protected readonly style: Style = createStyle(wantsColour(process.stdout, process.env));
  #interrupt: AbortController | undefined;
  #progress: ProgressView | undefined;

  protected override async init(): Promise<void> {
    // oclif takes what stands in stdin for an argument that is absent: the recovery words of `--words-file -`, or the list
    // over which a script loops.
    for (const argument of Object.values(this.ctor.args)) argument.ignoreStdin = true;
    await super.init();
  }

  /** Cancelled by the first Ctrl-C; the second one ends the process. */
  protected get signal(): AbortSignal {
    if (this.#interrupt === undefined) {
      const controller = new AbortController();
      this.#interrupt = controller;
      process.on("SIGINT", () => {
        if (controller.signal.aborted) process.exit(130);
        controller.abort(new DOMException("Interrupted", "AbortError"));
      });
    }
    return this.#interrupt.signal;
  }

  /** The width to which tables are cut: that of the terminal. */
  protected get width(): number {
    return process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  }

  /**
   * Answers: JSON as it is, or rendered for people from a copy in which every text is safe for a terminal.
   * @param json - the documented shape, without `schema`
   * @param render - for people
   */
  protected answer<T extends object>(json: T, render: (safe: T) => string): { readonly schema: 1 } & T {
    this.#progress?.end();
    if (!this.jsonEnabled()) process.stdout.write(render(plainValue(json)));
    return { schema: 1, ...json };
  }

  /** Says something beside the answer, on stderr. */
  protected note(text: string): void {
    this.#progress?.end();
    process.stderr.write(`${createStyle(wantsColour(process.stderr, process.env)).dim(`note: ${plain(text)}`)}\n`);
  }

  /** Warnings that came with an answer; in JSON they are part of it. */
  protected warnings(texts: readonly string[]): void {
    if (this.jsonEnabled()) return;
    const style = createStyle(wantsColour(process.stderr, process.env));
    for (const text of texts) process.stderr.write(`${style.yellow("warning:")} ${plain(text)}\n`);
  }

  /** The node that answers this command; close it. */
  protected async openNode(need: SessionNeed): Promise<NodeSession> {
    const { openNode } = await import("./node/session.ts");
    return openNode({ need, env: process.env, signal: this.signal, note: (text) => this.note(text) });
  }

  /** Cancellation and progress for a call that may take long. */
  protected async callOptions(): Promise<{ signal: AbortSignal; onProgress: ProgressView["update"] }> {
    if (this.jsonEnabled()) return { signal: this.signal, onProgress: () => undefined };
    const [{ createProgressView }, { systemClock }] = await Promise.all([
      import("./render/progress.ts"),
      import("@ggen/p2p-types"),
    ]);
    this.#progress = createProgressView(process.stderr, systemClock);
    return { signal: this.signal, onProgress: this.#progress.update };
  }

  protected override async catch(thrown: unknown): Promise<void> {
    this.#progress?.end();
    process.exitCode = reportFailure(thrown, this.argv, { commandId: this.id });
    return Promise.resolve();
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`);
  }
}
