import { lstat } from "node:fs/promises";

import { settleLockfiles, stagedLockfiles } from "../lock/staged-lockfile.ts";
import { storageError } from "../storage/fs-errors.ts";
import { createStaging, hasStaging, removeAbandoned } from "./staging.ts";
import { createStore, storePath } from "./store-layout.ts";

/**
 * Finishes what installs and removals that were killed had begun in a target: makes the lockfile say what is installed, and
 * removes what they left. Does nothing beside a process that is still at it.
 * @param target - absolute path of the folder that holds packages
 * @param lockfile - absolute path of its lockfile, when it has one
 * @throws GgenError `lockfile.invalid`, `storage.full`, `storage.failed`
 */
export async function recoverInstalls(target: string, lockfile?: string): Promise<void> {
  const ahead = lockfile === undefined ? [] : await stagedLockfiles(lockfile);
  if (ahead.length === 0 && !(await hasStaging(storePath(target)))) return;
  try {
    await using staging = await createStaging(await createStore(target));
    if (lockfile !== undefined) await settleLockfiles(lockfile, target, (await lstat(staging.path)).mtimeMs);
    await removeAbandoned(target, staging);
  } catch (error) {
    throw storageError(error, `What an install that was cut short left in ${target} could not be removed`);
  }
}
