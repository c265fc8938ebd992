import type { Catalog } from "@ggen/p2p-catalog";
import { listInstalled } from "@ggen/p2p-gpack";
import type { PublisherId } from "@ggen/p2p-types";

import { type Likeness, likenessOf } from "./look-alike.ts";

/** An id as somebody releases it. */
export interface NamedPackage {
  readonly id: string;
  readonly publisher: PublisherId;
}

/** Warns of ids that may be taken for ones that the user knows: installed ones, trusted publishers' and popular ones. */
export interface LookAlikeBook {
  /** Remembers how many peers are known to hold a package. */
  note(release: NamedPackage, holders: number): void;
  /**
   * One sentence for each package that may be taken for another publisher's known one. Nothing is said of packages of
   * trusted publishers, nor of installed ones.
   * @param installed - what was installed before
   */
  warnings(packages: readonly NamedPackage[], installed: readonly NamedPackage[]): readonly string[];
}

/** A package that this many peers hold is one that others may be taken for. */
const popularHolders = 3;
const maxPopular = 1000;

const differences: Readonly<Record<Likeness, string>> = {
  characters: "they differ only in characters that look alike",
  separators: "they differ only in their separators",
  order: "they have the same words in another order",
  spelling: "they differ by one letter",
};

interface KnownId extends NamedPackage {
  readonly why: string;
}

/** @param catalog - whom the user trusts, and what they release */
export function createLookAlikeBook(catalog: Pick<Catalog, "trusted" | "packagesOf">): LookAlikeBook {
  const popular = new Map<string, NamedPackage & { readonly holders: number }>();
  const keyOf = ({ id, publisher }: NamedPackage): string => `${publisher}/${id.toLowerCase()}`;
  return {
    note({ id, publisher }, holders) {
      const key = keyOf({ id, publisher });
      popular.delete(key);
      if (holders < popularHolders) return;
      popular.set(key, { id, publisher, holders });
      if (popular.size > maxPopular) popular.delete(popular.keys().next().value ?? key);
    },
    warnings(packages, installed) {
      const trusted = catalog.trusted();
      const here = new Set(installed.map(keyOf));
      const strangers = packages.filter((release) => !trusted.has(release.publisher) && !here.has(keyOf(release)));
      if (strangers.length === 0) return [];
      const known: KnownId[] = [
        ...installed.map(({ id, publisher }) => ({ id, publisher, why: "which is installed" })),
        ...[...trusted].flatMap((publisher) =>
          catalog.packagesOf(publisher).map(({ id }) => ({ id, publisher, why: "whose publisher you trust" })),
        ),
      ];
      return strangers.flatMap((release) => {
        // A popular one warns only of less popular ones, else each of two would warn of the other.
        const holders = popular.get(keyOf(release))?.holders ?? 0;
        const held = [...popular.values()]
          .filter((other) => other.holders > holders)
          .map((other) => ({ ...other, why: `which ${other.holders} peers hold` }));
        return warningOf(release, [...known, ...held]) ?? [];
      });
    },
  };
}

function warningOf(release: NamedPackage, known: readonly KnownId[]): string | undefined {
  for (const other of known) {
    if (other.publisher === release.publisher) continue;
    const likeness = likenessOf(release.id, other.id);
    if (likeness === undefined) continue;
    return `${release.id} of ${release.publisher} looks like ${other.id}, ${other.why}: ${differences[likeness]}, so make sure which one you mean`;
  }
  return undefined;
}

/** What is installed in a folder; nothing when it cannot be read, for a warning is not worth a failure. */
export async function installedIn(target: string): Promise<readonly NamedPackage[]> {
  try {
    return (await listInstalled(target)).map(({ record: { id, publisher } }) => ({ id, publisher }));
  } catch {
    return [];
  }
}
