import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Clock, systemClock } from "@ggen/p2p-types";
import { onTestFinished } from "vitest";

import { type Catalog, type CatalogInit, openCatalog } from "../../src/index.ts";
import { start } from "../publisher-fixture.ts";

/** A folder that is removed after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ggen-catalog-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that stands an hour after the operations of the tests; it sleeps as the machine's does. */
export const testClock: Clock = { ...systemClock, now: () => (start + 3600) * 1000 };

/** A catalogue in a folder of its own, closed after the test. */
export function testCatalog(init: Partial<CatalogInit> = {}): Catalog {
  const catalog = openCatalog({ path: join(testFolder(), "catalog.db"), clock: testClock, ...init });
  onTestFinished(() => catalog.close());
  return catalog;
}
