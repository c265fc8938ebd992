import type { TransferAnswer, TransferCommand } from "./messages.ts";

/** What a contestant can do, in a process of its own. */
export interface TransferChild {
  /** Who this is, for others that fetch from it while it fetches itself; absent where that is not measured. */
  readonly self?: string;
  /** Takes over the bytes of a file, so that they can be fetched. @returns a ticket for those who fetch */
  provide(file: string): Promise<string>;
  /** Connects to those who provide: not timed. */
  connect(tickets: readonly string[]): Promise<void>;
  /** Fetches a content from all who gave a ticket for it. @returns its bytes, verified and durable */
  fetch(tickets: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

/** Answers the commands of the parent until it hangs up. */
export function answerCommands(child: TransferChild): void {
  const answer = async (command: TransferCommand): Promise<TransferAnswer> => {
    if (command.do === "provide") return { type: "provided", ticket: await child.provide(command.file) };
    if (command.do === "cpu") return { type: "cpu", ms: cpuMs() };
    await child.connect(command.tickets);
    if (command.do === "connect") return { type: "connected" };
    const since = performance.now();
    const cpuSince = cpuMs();
    const bytes = await child.fetch(command.tickets);
    return { type: "fetched", ms: performance.now() - since, cpuMs: cpuMs() - cpuSince, bytes };
  };
  const tell = (message: TransferAnswer): void => {
    process.send?.(message);
  };
  process.on("message", (command: TransferCommand) => {
    answer(command).then(tell, (error: unknown) => tell({ type: "failed", message: String(error) }));
  });
  process.on("disconnect", () => {
    void child.close().finally(() => process.exit(0));
  });
  tell({ type: "ready", self: child.self ?? "" });
}

/** Processor time of this process so far, all its threads, user and system. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
