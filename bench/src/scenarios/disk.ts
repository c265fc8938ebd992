import { statSync } from "node:fs";
import { join } from "node:path";
import { fillHome, largeCatalogue } from "../nodes/large-catalogue.ts";
import { withScratch } from "../nodes/sample-package.ts";
import type { Scenario } from "../scenario.ts";

const packages = 100_000;

/** What a catalogue takes on disk. A million takes more than ten times as much: that is measured by `search-million`. */
export const disk: Scenario = {
  name: "disk",
  run: () =>
    withScratch(async (home) => {
      const envelopes = largeCatalogue({ operations: packages, releases: 1 });
      await fillHome(home, envelopes);
      const signed = envelopes.reduce((sum, { byteLength }) => sum + byteLength, 0) / 1e6;
      return [
        {
          figure: `disk, ${packages} packages`,
          condition: "one release each, another set than search-million's",
          value: statSync(join(home, "catalog.db")).size / 1e6,
          unit: "MB",
          samples: 1,
          rival: { name: "the signed operations alone", value: signed },
        },
      ];
    }),
};
