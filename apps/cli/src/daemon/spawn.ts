import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

import { type ErrorJson, fromErrorJson, GgenError, systemReason } from "@ggen/p2p-types";

import { logFilePath } from "../log/log-file.ts";
import type { Listening } from "./listening.ts";

/** How long a child that could not start may take to end. */
const endingMs = 5000;

/** What the child says to the command that started it. */
export type ChildMessage = { readonly listening: Listening } | { readonly failed: ErrorJson };

/**
 * Starts this program again as a process of its own session, and waits until it listens.
 * @param options - `argv` for the child, the home whose log it writes, what cancels
 * @throws GgenError the child's own error, or `internal` when it ended without one
 */
export async function spawnDaemon(options: {
  readonly argv: readonly string[];
  readonly home: string;
  readonly signal: AbortSignal;
}): Promise<Listening> {
  const { home, signal } = options;
  const logFile = logFilePath(home);
  const output = openOutput(logFile);
  const entry = process.argv[1] ?? "";
  const child = spawn(process.execPath, [...process.execArgv, entry, ...options.argv], {
    // A session of its own: the terminal's hang-up and its Ctrl-C do not reach it.
    detached: true,
    stdio: ["ignore", output, output, "ipc"],
    cwd: home,
    env: { ...process.env, GGEN_HOME: home },
  });
  closeSync(output);
  try {
    return await new Promise<Listening>((resolve, reject) => {
      child.once("message", (message) => {
        const said = message as ChildMessage;
        if ("listening" in said) {
          resolve(said.listening);
          return;
        }
        // Once it is gone its home is free: who starts it again at once must not meet it.
        const failure = fromErrorJson(said.failed);
        const timer = setTimeout(() => child.kill("SIGKILL"), endingMs);
        child.removeAllListeners("exit");
        child.once("exit", () => {
          clearTimeout(timer);
          reject(failure);
        });
      });
      child.once("error", (error) =>
        reject(new GgenError("internal", `The node's process could not be started: ${error.message}`)),
      );
      child.once("exit", (status, killedBy) =>
        reject(
          new GgenError("internal", "The node ended before it listened", {
            got: killedBy === null ? `exit status ${status}` : `signal ${killedBy}`,
            hint: `Read its log: ${logFile}`,
          }),
        ),
      );
      signal.addEventListener(
        "abort",
        () => {
          child.kill("SIGTERM");
          reject(new GgenError("aborted", "The start was interrupted", { hint: "The node was told to stop." }));
        },
        { once: true },
      );
    });
  } finally {
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function openOutput(logFile: string): number {
  try {
    mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
    return openSync(logFile, "a", 0o600);
  } catch (cause) {
    throw new GgenError("home.unwritable", `${logFile} cannot be written`, {
      expected: "a folder that this user may write",
      got: systemReason(cause),
      cause,
    });
  }
}
