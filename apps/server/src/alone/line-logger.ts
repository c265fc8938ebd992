import { levelOf, type LogSpec } from "@ggen/p2p-config";
import { type Clock, type Logger, logLevels } from "@ggen/p2p-types";

/**
 * A log of JSON objects, one per line: what service managers take.
 * @param write - gets whole lines
 * @param spec - which levels of which names
 */
export function createLineLogger(write: (line: string) => void, spec: LogSpec, clock: Clock, name = "server"): Logger {
  const level = levelOf(spec, name);
  const threshold = level === "off" ? -1 : logLevels.indexOf(level);
  return {
    log(at, message, fields) {
      if (logLevels.indexOf(at) > threshold) return;
      const time = new Date(clock.now()).toISOString();
      const facts = Object.entries(fields ?? {}).map(([key, value]): [string, unknown] => [
        key,
        value instanceof Error ? value.message : value,
      ]);
      write(`${JSON.stringify({ time, level: at, name, message, ...Object.fromEntries(facts) })}\n`);
    },
    child: (child) => createLineLogger(write, spec, clock, `${name}:${child}`),
  };
}
