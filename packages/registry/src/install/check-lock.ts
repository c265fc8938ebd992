import { type LockedPackage, type Lockfile, satisfies } from "@ggen/p2p-gpack";
import { GgenError, type Package } from "@ggen/p2p-types";

/** Whether a request leaves room for the version that a lockfile pins. @param range - any version when absent */
export function leavesRoom(locked: LockedPackage, range: string | undefined): boolean {
  return range === undefined || range === locked.version || satisfies(locked.version, range);
}

/**
 * The release that a lockfile pins.
 * @param releases - of the pinned publisher and id
 * @throws GgenError `lockfile.invalid` when the pinned version has other content than the lockfile says, or is not known
 */
export function pinnedRelease(releases: readonly Package[], locked: LockedPackage): Package {
  const versions = releases.filter(({ version }) => version === locked.version);
  const same = versions.find(({ checksum, cid }) => checksum === locked.checksum && cid === locked.cid);
  if (same !== undefined) return same;
  const [other] = versions;
  if (other !== undefined) throw otherContent(other, locked);
  const name = `${locked.publisher}/${locked.id}@${locked.version}`;
  throw new GgenError("lockfile.invalid", `ggen.lock names ${name}, which this node's catalogue does not hold`, {
    expected: "a version that its publisher has released, and a catalogue that knows of it",
    got: releases.map(({ version }) => version).join(", ") || "no version",
    hint: "Connect to peers (ggen marketplace p2p bootstrap MULTIADDR), or restore ggen.lock from version control.",
  });
}

/**
 * Checks that what a lockfile says of a version is what its publisher signed. A lockfile that names other content was
 * changed, or comes from a publisher who signed two: neither may be mended in silence.
 * @param packages - what is about to be installed
 * @throws GgenError `lockfile.invalid`
 */
export function checkLocked(lock: Lockfile, packages: readonly Package[]): void {
  for (const release of packages) {
    const locked = lock.packages.find(({ id }) => id.toLowerCase() === release.id.toLowerCase());
    if (locked?.publisher !== release.publisher || locked.version !== release.version) continue;
    if (locked.checksum !== release.checksum || locked.cid !== release.cid) throw otherContent(release, locked);
  }
}

function otherContent(release: Package, locked: LockedPackage): GgenError {
  return new GgenError(
    "lockfile.invalid",
    `ggen.lock names other content for ${release.id}@${release.version} than its publisher signed`,
    {
      expected: `${release.checksum}, ${release.cid}`,
      got: `${locked.checksum}, ${locked.cid}`,
      hint: `Restore ggen.lock from version control, or name the version to pin it anew: remove its entry, then: ggen marketplace install ${release.publisher}/${release.id}@${release.version}`,
    },
  );
}
