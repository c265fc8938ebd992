import { toPublisherId } from "@ggen/p2p-types";

import { type InstallRecord, packFiles, type PackedArchive } from "../../src/index.ts";
import { checksumOf, collect } from "../support/bytes.ts";

/** A package whose files all say which version they are of. */
export async function versionArchive(
  id: string,
  version: string,
): Promise<{ readonly archive: PackedArchive; readonly bytes: Uint8Array; readonly record: InstallRecord }> {
  const files = {
    "a.txt": version,
    "docs/b.txt": version.repeat(100),
    "run.sh": `#!/bin/sh\necho ${version}\n`,
    "z.txt": version,
  };
  const archive = packFiles(files, { maxBytes: 1 << 20 });
  const bytes = await collect(archive.read());
  const record: InstallRecord = {
    id,
    name: "A Package",
    version,
    publisher: toPublisherId("22".repeat(32)),
    cid: `bafkrei${"b".repeat(52)}`,
    checksum: checksumOf(bytes),
    size: bytes.byteLength,
    dependencies: [],
    installedAt: 1_800_000_000,
  };
  return { archive, bytes, record };
}
