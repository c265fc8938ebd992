/** A search engine in a process of its own, so that its memory can be measured: `engine-process.ts ENGINE COUNT SEED [PATH]`. */
import { openCatalog } from "@ggen/p2p-catalog";
import { isGgenError, systemClock } from "@ggen/p2p-types";
import type { Query } from "@ggen/p2p-types";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { syntheticPackages } from "../judged/synthetic-documents.ts";
import { createMiniSearch } from "./minisearch.ts";

/** What the process is asked. */
export interface EngineTask {
  readonly query: Query;
  /** Whether to watch the event loop meanwhile, which takes time itself. */
  readonly watched: boolean;
}

/** What it answers; before the first task once, when it is ready. */
export interface EngineReply {
  /** From the call to its answer. */
  readonly durationMs: number;
  /** Longest time that nothing else had a turn meanwhile; 0 where it was not watched. */
  readonly blockedMs: number;
}

const [engine = "", count = "0", seed = "0", path = ""] = process.argv.slice(2);
const search = engine === "catalogue" ? searchCatalogue() : await searchMiniSearch();
globalThis.gc?.();
process.on("message", (task: EngineTask) => void answer(task));
process.on("disconnect", () => process.exit(0));
process.send?.({ durationMs: 0, blockedMs: 0 } satisfies EngineReply);

async function answer({ query, watched }: EngineTask): Promise<void> {
  const delay = watched ? monitorEventLoopDelay({ resolution: 1 }) : undefined;
  delay?.enable();
  const since = performance.now();
  await search(query);
  const durationMs = performance.now() - since;
  delay?.disable();
  process.send?.({ durationMs, blockedMs: (delay?.max ?? 0) / 1e6 } satisfies EngineReply);
}

function searchCatalogue(): (query: Query) => Promise<unknown> {
  const catalog = openCatalog({ path, clock: systemClock, readOnly: true });
  return async (query) => {
    try {
      return await catalog.search(query);
    } catch (error) {
      // Stopped when its time was up.
      if (isGgenError(error, "usage.invalid")) return undefined;
      throw error;
    }
  };
}

async function searchMiniSearch(): Promise<(query: Query) => Promise<unknown>> {
  const mini = await createMiniSearch(syntheticPackages(Number(count), Number(seed)).map(({ document }) => document));
  return ({ text = "", limit = 20 }) => mini.search(text, limit);
}
