/** Installs one version after the other. Arguments: target, id, versions. */
import { installArchive } from "../../src/index.ts";
import { versionArchive } from "./version-archive.ts";

const [target = "", id = "", ...versions] = process.argv.slice(2);
for (const version of versions) {
  const { archive, record } = await versionArchive(id, version);
  await installArchive({ archive: () => archive.read(), target, record });
}
