import { statSync } from "node:fs";
import { join } from "node:path";
import { fillHome, largeCatalogue } from "../nodes/large-catalogue.ts";
import { withScratch } from "../nodes/sample-package.ts";
import type { Scenario } from "../scenario.ts";

const packages = 100_000;
const promisedPackages = 1_000_000;
const promisedMegabytes = 1000;

/** What a catalogue takes on disk, from a tenth of the packages that it has to hold. */
export const disk: Scenario = {
  name: "disk",
  run: () =>
    withScratch(async (home) => {
      const envelopes = largeCatalogue({ operations: packages, releases: 1 });
      await fillHome(home, envelopes);
      const megabytes = statSync(join(home, "catalog.db")).size / 1e6;
      const signed = envelopes.reduce((sum, { byteLength }) => sum + byteLength, 0) / 1e6;
      const scale = promisedPackages / packages;
      return [
        {
          figure: `disk, ${promisedPackages} packages`,
          condition: `one release each, ${scale} times what ${packages} take`,
          value: megabytes * scale,
          unit: "MB",
          samples: 1,
          target: { limit: promisedMegabytes, better: "lower" },
          rival: { name: "the signed operations alone", value: signed * scale },
        },
      ];
    }),
};
