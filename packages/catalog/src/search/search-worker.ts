import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

import { errorNumber, openReadOnly } from "../replica/database.ts";
import { createSearch } from "./run-search.ts";
import type { FoundRows, SearchRequest } from "./search-request.ts";
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

/** The answer to the one query that runs, its rows as JSON: a copy of objects takes twice as long. Before the first one the worker says "ready". */
export type SearchReply =
  | { readonly rows: string }
  | { readonly stopped: boolean; readonly message: string; readonly sqliteCode: number | undefined };

/** Of the database so many bytes are read through a mapping of the file, which bounds the memory too; others as usual. */
const mappedBytes = 256 * 1024 * 1024;

let database: DatabaseSync | undefined;
let search: ((request: SearchRequest) => FoundRows) | undefined;
let stop: Int32Array = new Int32Array(1);

parentPort?.on("message", (task: SearchTask | "close") => {
  if (task === "close") {
    database?.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(answer(task));
});
parentPort?.postMessage("ready");

const shouldStop = (): boolean => Atomics.load(stop, 0) !== 0;

function answer(task: SearchTask): SearchReply {
  stop = task.stop;
  try {
    search ??= open((workerData as SearchWorkerData).path);
    return { rows: JSON.stringify(search(task.request)) };
  } catch (error) {
    // An error loses what is special about it on its way to another thread.
    return { stopped: shouldStop(), message: String(error), sqliteCode: errorNumber(error) };
  }
}

function open(path: string): NonNullable<typeof search> {
  database = openReadOnly(path);
  // A search reads a few pages in many places: each that is not mapped costs a system call.
  database.exec(`PRAGMA mmap_size = ${mappedBytes}`);
  return createSearch(new Statements(database, shouldStop));
}
