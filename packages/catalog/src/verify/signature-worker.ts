import { parentPort } from "node:worker_threads";

import { verifyPacked } from "./packed-checks.ts";

parentPort?.on("message", (checks: Uint8Array) => {
  const verdicts = verifyPacked(checks);
  parentPort?.postMessage(verdicts, [verdicts.buffer]);
});
