import { levelOf, type LogSpec } from "@ggen/p2p-config";
import { type Clock, type Logger, type LogLevel, logLevels } from "@ggen/p2p-types";

import { plain } from "../render/plain.ts";

/** What a log of text lines is made of. */
export interface TextLoggerOptions {
  readonly spec: LogSpec;
  readonly name: string;
  readonly clock: Clock;
  /** Gets whole lines with their ends. */
  readonly write: (line: string) => void;
}

const showField = (value: unknown): string => {
  const list = Array.isArray(value) && value.every((item) => typeof item === "string") ? value.join(",") : undefined;
  const text = list ?? (typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined"));
  return /^[^\s"=]+$/u.test(text) ? text : JSON.stringify(text);
};

/**
 * A log of lines `TIME LEVEL NAME MESSAGE key=value`. Whatever strangers wrote stays on one line.
 * @param options - which levels of which names, the clock, where to
 */
export function createTextLogger(options: TextLoggerOptions): Logger {
  const { spec, name, clock, write } = options;
  const level = levelOf(spec, name);
  const threshold = level === "off" ? -1 : logLevels.indexOf(level);
  return {
    log(at: LogLevel, message, fields = {}) {
      if (logLevels.indexOf(at) > threshold) return;
      const time = new Date(clock.now()).toISOString();
      const facts = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => ` ${key}=${showField(value)}`);
      write(`${plain(`${time} ${at.padEnd(5)} ${name} ${message}${facts.join("")}`)}\n`);
    },
    child: (child) => createTextLogger({ ...options, name: `${name}:${child}` }),
  };
}
