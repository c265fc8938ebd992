import { join } from "node:path";

import { makeFolders } from "@ggen/p2p-gpack";
import { GgenError, systemReason } from "@ggen/p2p-types";

import { diskError, isFullDisk } from "./disk-error.ts";

/** Where a node keeps its things. Every path is absolute. */
export interface HomeLayout {
  readonly home: string;
  /** Held open by the one process that uses the home. */
  readonly lockFile: string;
  readonly catalogFile: string;
  /** A second copy of this home's own operations. */
  readonly ownRecordsFile: string;
  readonly contentDirectory: string;
  /** libp2p's peer store and provider records. */
  readonly datastoreFile: string;
  /** Signing keys, one folder a publisher. */
  readonly keysDirectory: string;
  /** Globally installed packages. */
  readonly packagesDirectory: string;
  /** The ports that were chosen for a configured port 0. */
  readonly portsFile: string;
}

/** The places of a home. @param home - absolute path */
export function homeLayout(home: string): HomeLayout {
  return {
    home,
    lockFile: join(home, "lock.db"),
    catalogFile: join(home, "catalog.db"),
    ownRecordsFile: join(home, "own-operations.txt"),
    contentDirectory: join(home, "store"),
    datastoreFile: join(home, "peers.db"),
    keysDirectory: join(home, "keys"),
    packagesDirectory: join(home, "packages"),
    portsFile: join(home, "ports.json"),
  };
}

/**
 * Makes a home's folder durably, private to its owner.
 * @throws GgenError `home.unwritable`, `storage.full`
 */
export async function createHome(home: string): Promise<void> {
  try {
    await makeFolders(home, 0o700);
  } catch (cause) {
    if (isFullDisk(cause)) throw diskError(`The folder ${home} cannot be made`, cause);
    throw new GgenError("home.unwritable", `The folder ${home} cannot be made`, {
      expected: "a folder that this user may create and write",
      got: systemReason(cause),
      cause,
    });
  }
}
