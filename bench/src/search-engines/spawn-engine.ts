import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { residentMegabytes } from "../measure/resident.ts";
import type { EngineReply, EngineTask } from "./engine-process.ts";

/** A search engine in another process. */
export interface SpawnedEngine {
  readonly ask: (query: EngineTask["query"]) => Promise<EngineReply>;
  /** As `ask`, and watches the event loop. */
  readonly watch: (query: EngineTask["query"]) => Promise<EngineReply>;
  /** Megabytes that its process holds. */
  readonly resident: () => number;
  readonly close: () => Promise<void>;
}

/**
 * Starts an engine over the synthetic packages of a seed.
 * @param path - of the replica that holds them, for our catalogue
 */
export async function spawnEngine(
  engine: "catalogue" | "minisearch",
  count: number,
  seed: number,
  path = "",
): Promise<SpawnedEngine> {
  const child = fork(join(import.meta.dirname, "engine-process.ts"), [engine, `${count}`, `${seed}`, path], {
    execArgv: ["--expose-gc", "--max-old-space-size=16384", "--disable-warning=ExperimentalWarning"],
  });
  const reply = async (): Promise<EngineReply> => {
    const answered = new AbortController();
    const { signal } = answered;
    try {
      const ended = once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`${engine} ended with ${String(code)}`);
      });
      const [message] = (await Promise.race([once(child, "message", { signal }), ended])) as [EngineReply];
      return message;
    } finally {
      answered.abort();
    }
  };
  await reply();
  const ask = async (task: EngineTask): Promise<EngineReply> => {
    const answered = reply();
    child.send(task);
    return answered;
  };
  return {
    ask: (query) => ask({ query, watched: false }),
    watch: (query) => ask({ query, watched: true }),
    resident: () => residentMegabytes(child.pid ?? 0),
    close: async () => {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
