import type { AskedPeers } from "./asked-peers.ts";
import type { PublisherId } from "../records/operation.ts";

/** Arguments of `install`. */
export interface InstallParams {
  /** `[PUBLISHER/]ID[@RANGE]`; absent with `frozenLockfile`: everything in the lockfile. */
  readonly ref?: string;
  /** Absolute path of the folder that gets `ID` folders; see surface: the project's `.ggen/packages`, or global. */
  readonly target: string;
  /** Absolute path of `ggen.lock`; absent: no lockfile is kept. */
  readonly lockfile?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly noDependencies?: boolean;
  readonly frozenLockfile?: boolean;
  /** A publisher id, a unique prefix of it, or a nickname. */
  readonly publisher?: string;
}

/** One package of an install. */
export interface InstalledPackage {
  readonly id: string;
  readonly version: string;
  readonly publisher: PublisherId;
  readonly cid: string;
  readonly checksum: string;
  readonly size: number;
  /** Absolute path of the installed folder. */
  readonly path: string;
  readonly files: number;
  /** Ids of its direct dependencies. */
  readonly dependencies: readonly string[];
  /** Where the bytes came from. */
  readonly source: "peers" | "store" | "unchanged";
  /** Peers that gave bytes, with how many. */
  readonly peers: readonly { readonly peerId: string; readonly bytes: number }[];
  /** Name as in the manifest. */
  readonly name: string;
}

/** What `install` did. */
export interface InstallResult {
  /** The requested package last, its dependencies before it. */
  readonly packages: readonly InstalledPackage[];
  readonly dryRun: boolean;
  readonly warnings: readonly string[];
  /** Present in a light node that asked others about the ids concerned. */
  readonly asked?: AskedPeers;
}
