import { decodeEnvelope, fromHex, verifySignature } from "@ggen/p2p-types";
import { parentPort, workerData } from "node:worker_threads";

/** Checks signatures and nothing else: everything is decoded before the word is given. */
const checks = (workerData as readonly Uint8Array[]).flatMap((envelope) => {
  const { signed, message } = decodeEnvelope(envelope);
  return signed.signatures.map(({ key, signature }) => ({ key: fromHex(key), message, signature }));
});

parentPort?.on("message", () => {
  const valid = checks.every(({ key, message, signature }) => verifySignature(key, message, signature));
  const { user, system } = process.threadCpuUsage();
  parentPort?.postMessage({ valid, cpuMs: (user + system) / 1000 });
  parentPort?.close();
});
parentPort?.postMessage("ready");
