import { createHash, type Hash } from "node:crypto";
import { parentPort } from "node:worker_threads";

/** What the thread is told about one of its hashes: the next piece, to say what it is so far, or to forget it. */
export type HashTask =
  | { readonly id: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly want: "digest" | "end" };

/** What it answers to each task, in the order of the tasks. */
export type HashReply = string | null;

const hashes = new Map<number, Hash>();

parentPort?.on("message", (task: HashTask) => {
  const hash = hashes.get(task.id) ?? createHash("sha256");
  hashes.set(task.id, hash);
  let reply: HashReply = null;
  if ("bytes" in task) hash.update(task.bytes);
  else if (task.want === "digest") reply = hash.copy().digest("hex");
  else hashes.delete(task.id);
  parentPort?.postMessage(reply);
});
