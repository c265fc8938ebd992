import { cpus, release } from "node:os";

/** This machine in a few words, for a row of results. */
export function machineText(): string {
  return `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Linux ${release()}, Node ${process.version}`;
}
