import { mkdtempSync } from "node:fs";
import { join } from "node:path";

import { createHome } from "@ggen/testkit";

const workshop = createHome();

/** An empty folder that goes with the test file. */
export function emptyFolder(): string {
  return mkdtempSync(join(workshop, "folder-"));
}
