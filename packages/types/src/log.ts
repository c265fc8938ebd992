/** Levels, most urgent first. */
export const logLevels = ["error", "warn", "info", "debug", "trace"] as const;

/** How urgent a line of the log is. */
export type LogLevel = (typeof logLevels)[number];

/** A named log. Fields are facts for programs; the message is for people. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A log whose name continues this one's, e.g. `node` → `node:sync`. */
  child(name: string): Logger;
}

/** A log that keeps nothing. */
export const silentLogger: Logger = {
  log: () => {},
  child: () => silentLogger,
};
