import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The environment of a process: `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder that holds everything of a node: `GGEN_HOME`, else `.ggen` in the user's home.
 * @param env - the environment
 * @returns an absolute path; the folder need not exist
 */
export function resolveHome(env: Environment): string {
  const user = env["HOME"] ?? env["USERPROFILE"] ?? homedir();
  const given = env["GGEN_HOME"];
  if (given === undefined || given.trim() === "") return resolve(user, ".ggen");
  return /^~(?:[/\\]|$)/.test(given) ? join(user, given.slice(1)) : resolve(given);
}
