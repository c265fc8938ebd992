import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { isGgenError } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { lintPackage, packDirectory, readManifest } from "../../src/index.ts";

const maxBytes = 1 << 24;
const sample = join(import.meta.dirname, "..", "fixtures", "corpus-sample");
const examples = join(import.meta.dirname, "../../../../examples/packages");
const corpus = process.env["GGEN_CORPUS"] ?? join(import.meta.dirname, "../../../../../shared/corpus");

/** What becomes of each folder: `id@version`, or the code of its error. */
async function readAll(root: string, groups: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const group of groups) {
    for (const entry of await readdir(join(root, group), { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const folder = join(root, group, entry.name);
      found[join(group, entry.name)] = await outcome(folder);
    }
  }
  return found;
}

async function outcome(folder: string): Promise<string> {
  try {
    const manifest = await readManifest(folder);
    const archive = await packDirectory(folder, { maxBytes });
    expect(lintPackage(manifest, archive.files).errors).toEqual([]);
    return `${manifest.id}@${manifest.version}`;
  } catch (error) {
    if (!isGgenError(error)) throw error;
    const { line, column } = error.data as { readonly line?: number; readonly column?: number };
    return line === undefined ? error.code : `${error.code} ${line}:${column ?? 0}`;
  }
}

describe("folders as they exist in the wild", () => {
  it("the sample: eight are published, four are refused, each for its reason", async () => {
    expect(await readAll(sample, ["packages", "gpacks"])).toEqual({
      "packages/hello-template": "hello-template@1.0.0",
      "packages/agent-notebook": "agent-notebook@1.0.0",
      "packages/ledger-core": "ledger-core@1.0.0",
      "packages/shape-report-cli": "shape-report-cli@0.1.0",
      "packages/io.example.forms": "io.example.forms@1.2.0-beta.1",
      "packages/sector-metrics-8020": "sector-metrics-8020@1.0.0",
      "gpacks/hermetic-tests": "hermetic-tests@1.0.0",
      "gpacks/subcommand-sample": "io.example.subcommand@0.1.0",
      "packages/loyalty-points": "manifest.invalid 11:5",
      "packages/payment-messages": "manifest.invalid 4:45",
      "packages/edge-cache": "manifest.missing",
      "packages/patient-records": "manifest.missing",
    });
  });

  it("the examples: all are published, with nothing to remark", async () => {
    const all = await readAll(examples, ["."]);
    expect(Object.keys(all).length).toBeGreaterThanOrEqual(8);
    expect(Object.values(all).filter((what) => !what.includes("@"))).toEqual([]);
    for (const folder of Object.keys(all)) {
      const manifest = await readManifest(join(examples, folder));
      const { files } = await packDirectory(join(examples, folder), { maxBytes });
      expect(lintPackage(manifest, files)).toEqual({ errors: [], warnings: [] });
    }
  });

  it.runIf(existsSync(corpus))("the corpus: sixty-four are published, sixteen are refused", async () => {
    const all = Object.entries(await readAll(corpus, ["packages", "gpacks"]));
    const refused = Object.fromEntries(all.filter(([, what]) => !what.includes("@")));
    const missing = [
      "api-gateway-service-mesh",
      "compliance-audit-system",
      "content-delivery-network",
      "data-warehouse-etl",
      "disaster-recovery-backup",
      "healthcare",
      "identity-access-management",
      "notification-messaging-hub",
      "observability-platform",
      "search-indexing-platform",
      "workflow-automation-engine",
    ];
    expect(refused).toEqual({
      ...Object.fromEntries(missing.map((name) => [`packages/${name}`, "manifest.missing"])),
      "packages/customer-loyalty-rewards": "manifest.invalid 60:3",
      "packages/iso-20022-payments": "manifest.invalid 36:3",
      "packages/kyc-aml-compliance": "manifest.invalid 26:3",
      "packages/order-management-system": "manifest.invalid 60:3",
      "packages/trading-platform": "manifest.invalid 26:3",
    });
    expect(all.length - Object.keys(refused).length).toBe(64);
  });
});
