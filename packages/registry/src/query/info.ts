import { compareVersions } from "@ggen/p2p-gpack";
import { isGgenError, type Package, type PackageInfo } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { type Choice, chooseOwner, claimantsOf } from "../resolve/choose-owner.ts";
import { proofOf } from "../resolve/conflicts.ts";
import { readRef } from "../resolve/read-ref.ts";
import { selectVersion } from "../resolve/select-version.ts";

type Needs = Pick<
  Parts,
  "catalog" | "contents" | "domains" | "holders" | "everSynced" | "light" | "synced" | "network"
>;

/**
 * What a reference means and what else there is of its id.
 * @throws GgenError `ref.invalid`, `package.not-found`, `package.version-not-found`, `registry.incomplete`
 */
export async function packageInfo(parts: Needs, text: string, signal?: AbortSignal): Promise<PackageInfo> {
  const ref = readRef(text);
  let choice: Choice;
  try {
    choice = await chooseOwner(parts, ref, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!isGgenError(error, "package.ambiguous")) throw error;
    return disputed(parts, ref.id);
  }
  const release = shown(choice.releases, ref.range);
  const conflict = proofOf(parts, release);
  const heldBy = parts.holders.of(release.cid);
  return {
    package: release,
    id: choice.id,
    versions: choice.releases.map(({ version, publisher, yanked }) => ({
      version,
      publisher,
      yanked: yanked !== undefined,
    })),
    claimants: choice.claimants,
    disputed: false,
    chosenBecause: choice.because,
    peerCount: heldBy.length,
    local: parts.contents.stat(release.cid)?.complete === true,
    ...(heldBy.length === 0 ? {} : { heldBy }),
    ...(conflict === undefined ? {} : { conflict }),
  };
}

/** A yanked or conflicted version is shown when nothing better matches: `info` answers, `install` refuses. */
function shown(releases: readonly Package[], range: string | undefined): Package {
  try {
    return selectVersion(releases, {
      ...(range === undefined ? {} : { range }),
      ageHours: () => undefined,
      cooldownHours: 0,
    }).release;
  } catch (error) {
    const exact =
      releases.find(({ version }) => version === range) ?? (range === undefined ? releases.at(-1) : undefined);
    if (exact === undefined) throw error;
    return exact;
  }
}

function disputed(parts: Needs, id: string): PackageInfo {
  const entry = parts.catalog.entry(id);
  const claimants = entry?.claimants ?? [];
  return {
    id: entry?.id ?? id,
    versions: claimants
      .flatMap(({ publisher, releases }) =>
        releases.map(({ version, yanked }) => ({ version, publisher, yanked: yanked !== undefined })),
      )
      .toSorted((a, b) => compareVersions(a.version, b.version)),
    claimants: entry === undefined ? [] : claimantsOf(parts, entry),
    disputed: true,
    peerCount: 0,
    local: false,
  };
}
