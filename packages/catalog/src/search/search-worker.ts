import { parentPort, workerData } from "node:worker_threads";

import { errorNumber, openReadOnly } from "../replica/database.ts";
import { runSearch } from "./run-search.ts";
import type { FoundPage, SearchRequest } from "./search-request.ts";
import { Statements } from "./statements.ts";

/** What the worker is started with. */
export interface SearchWorkerData {
  readonly path: string;
}

/** A query with the flag that stops it: a number that is not 0. */
export interface SearchTask {
  readonly request: SearchRequest;
  readonly stop: Int32Array;
}

/** The answer to the one query that runs. Before the first one the worker says "ready". */
export type SearchReply =
  | { readonly page: FoundPage }
  | { readonly stopped: boolean; readonly message: string; readonly sqliteCode: number | undefined };

let db: Statements | undefined;
let stop: Int32Array = new Int32Array(1);

parentPort?.on("message", (task: SearchTask) => {
  parentPort?.postMessage(answer(task));
});
parentPort?.postMessage("ready");

const shouldStop = (): boolean => Atomics.load(stop, 0) !== 0;

function answer(task: SearchTask): SearchReply {
  stop = task.stop;
  try {
    if (db === undefined) {
      db = new Statements(openReadOnly((workerData as SearchWorkerData).path), shouldStop);
    }
    return { page: runSearch(db, task.request) };
  } catch (error) {
    // An error loses what is special about it on its way to another thread.
    return { stopped: shouldStop(), message: String(error), sqliteCode: errorNumber(error) };
  }
}
