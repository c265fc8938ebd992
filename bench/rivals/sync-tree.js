import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * Makes everything below a folder durable, names included: what a rival leaves to the system's write-back is not what
 * it is compared with.
 * @param {string} folder
 */
export async function syncTree(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await syncTree(path);
      else if (entry.isFile()) await syncOne(path);
    }),
  );
  await syncOne(folder);
}

/** @param {string} path */
export async function syncOne(path) {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
