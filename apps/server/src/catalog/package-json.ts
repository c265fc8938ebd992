import type { Claimant, Package, PackageInfo } from "@ggen/p2p-types";

/** A row of `GET /packages`. */
export interface PackageRowJson {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly checksum: string;
  readonly publisher: string;
}

/** A publisher that claims an id. What this node's user thinks of it (trust, nickname) is not told to others. */
export interface ClaimantJson {
  readonly publisher: string;
  readonly latest: string;
  readonly versions: number;
}

/** The answer of `GET /packages/:id`. */
export interface PackageJson extends PackageRowJson {
  readonly description: string;
  readonly author: string | null;
  readonly license: string | null;
  readonly versions: PackageInfo["versions"];
  readonly claimants: readonly ClaimantJson[];
  readonly category: string | null;
  readonly tags: readonly string[];
  readonly keywords: readonly string[];
  readonly homepage: string | null;
  readonly repository: string | null;
  readonly ggen_compat: string | null;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly requires: readonly string[];
  readonly cid: string;
  readonly released_at: number;
}

/** The answer of `GET /packages/:id/info`. */
export interface DownloadInfoJson {
  readonly id: string;
  readonly version: string;
  readonly download_url: string;
  readonly size: number;
  readonly checksum: string;
  readonly algorithm: "SHA256";
}

/** A package as a row of a list. */
export function toRowJson(pkg: Package): PackageRowJson {
  const { id, name, version, size, checksum, publisher } = pkg;
  return { id, name, version, size, checksum, publisher };
}

/** A claimant without what is private to this node. */
export function toClaimantJson({ publisher, latest, versions }: Claimant): ClaimantJson {
  return { publisher, latest, versions };
}

/** A package with all that is known of it. */
export function toPackageJson(pkg: Package, info: PackageInfo): PackageJson {
  return {
    ...toRowJson(pkg),
    description: pkg.description,
    author: pkg.authors.length === 0 ? null : pkg.authors.join(", "),
    license: pkg.license ?? null,
    versions: info.versions.map(({ version, publisher, yanked }) => ({ version, publisher, yanked })),
    claimants: info.claimants.map(toClaimantJson),
    category: pkg.category ?? null,
    tags: pkg.tags,
    keywords: pkg.keywords,
    homepage: pkg.homepage ?? null,
    repository: pkg.repository ?? null,
    ggen_compat: pkg.ggenCompat ?? null,
    dependencies: pkg.dependencies,
    requires: pkg.requires,
    cid: pkg.cid,
    released_at: pkg.releasedAt,
  };
}

/**
 * What a client needs to download a package and check it.
 * @param origin - `http://HOST:PORT`
 * @param path - of the package, e.g. `/packages/ID`
 */
export function toDownloadInfoJson(pkg: Package, origin: string, path: string): DownloadInfoJson {
  const { id, version, size, checksum } = pkg;
  return { id, version, download_url: `${origin}${path}/download`, size, checksum, algorithm: "SHA256" };
}
