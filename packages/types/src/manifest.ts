/** What a package says about itself, in one form whatever its manifest file was. Travels inside the release. */
export interface Manifest {
  /** For people: 1-200 characters. */
  readonly title: string;
  /** 0-2000 characters. */
  readonly description: string;
  /** An SPDX expression, 1-200 characters. */
  readonly license?: string;
  /** 1-100 characters. */
  readonly category?: string;
  /** At most 64, each 1-100 characters. */
  readonly tags: readonly string[];
  /** At most 64, each 1-100 characters. */
  readonly keywords: readonly string[];
  /** At most 32, each 1-200 characters. */
  readonly authors: readonly string[];
  /** 1-500 characters. */
  readonly homepage?: string;
  /** 1-500 characters. */
  readonly repository?: string;
  /** A semver range of ggen itself, 1-100 characters. */
  readonly ggenCompat?: string;
  /** Package id or `publisher/id` → semver range; resolved at install. At most 100. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** What the older manifests call dependencies: shown, never resolved. At most 100, each 1-200 characters. */
  readonly requires: readonly string[];
}

/** The limits of {@link Manifest}: text lengths in UTF-16 units, lists in items. */
export const manifestLimits = {
  title: 200,
  description: 2000,
  license: 200,
  category: 100,
  tags: [64, 100],
  keywords: [64, 100],
  authors: [32, 200],
  homepage: 500,
  repository: 500,
  ggenCompat: 100,
  dependencies: [100, 200],
  requires: [100, 200],
} as const;
