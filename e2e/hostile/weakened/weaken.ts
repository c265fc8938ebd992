/**
 * Weakens a ggen that runs from source, before its first module is loaded:
 * `NODE_OPTIONS=--import=…/weaken.ts GGEN_TEST_WEAKNESS=NAME node dev.js …`. Says on stderr what it took out, so that a
 * test never takes the whole product for a weakened one; ends the process where the text to replace is not found.
 */
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";

import { applyEdits } from "./weakness.ts";
import { weaknesses } from "./weaknesses.ts";

const name = process.env["GGEN_TEST_WEAKNESS"] ?? "";
const weakness = weaknesses[name];
if (weakness === undefined) throw new Error(`There is no weakness ${name}`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const edits = weakness.edits.filter(({ module }) => url.endsWith(`/packages/${module}`));
    if (edits.length === 0) return loaded;
    const text = Buffer.from(loaded.source as Uint8Array).toString("utf8");
    const source = applyEdits(text, edits);
    for (const { module } of edits) if (isMainThread) process.stderr.write(`weakened: ${name} in ${module}\n`);
    return { ...loaded, source };
  },
});
