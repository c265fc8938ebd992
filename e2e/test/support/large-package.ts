import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { seededBytes } from "./random-files.ts";

const mb = 1_000_000;

/** The package's id. */
export const largePackageId = "io.example.large-ontology";

/** What of it `.ggenignore` leaves in the package. */
export const inLargePackage = (path: string): boolean => path !== "scratch" && !path.endsWith(".log");

/**
 * Writes a package of 40 MB in several files of pseudo-random content, with everything beside it that must stay out of
 * the archive: a link among the ignored files would be refused if it were looked at.
 */
export async function writeLargePackage(folder: string): Promise<void> {
  const files: Record<string, string | Buffer> = {
    "gpack.toml": `[gpack]\nid = "${largePackageId}"\nname = "Large Ontology"\nversion = "1.0.0"\ndescription = "Forty megabytes of triples"\nlicense = "MIT"\ncategory = "ontology"\ntags = ["large"]\n`,
    ".ggenignore": "*.log\nscratch/\n",
    "bin/check": "#!/bin/sh\nexit 0\n",
    "notes/empty": "",
    "data/one-chunk.bin": seededBytes("one chunk", 1 << 20),
    "build.log": "left out\n",
    "data/more.log": "left out\n",
    "scratch/kept-out.bin": "left out\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    "tools/node_modules/dependency/index.js": "left out\n",
    ".ggen/packages/other/file": "left out\n",
  };
  for (let part = 0; part < 13; part += 1) files[`data/part-${part}.bin`] = seededBytes(`part ${part}`, 3 * mb + part);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await symlink("/etc/hostname", join(folder, "scratch/link"));
  await chmod(join(folder, "bin/check"), 0o755);
  // The mode of a file that is no script is not kept: it is 0644 wherever it is installed.
  await chmod(join(folder, "data/part-0.bin"), 0o700);
}
