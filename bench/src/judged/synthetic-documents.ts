import { createPick, createSeeded } from "../measure/seeded.ts";
import type { SearchDocument } from "./judged-set.ts";
import { familyNames, givenNames, kinds, languages, organisations, subjects, variants } from "./vocabulary.ts";

/** What a synthetic package is: judgments are made over this, never over its text. */
export interface Nature {
  readonly language: string;
  readonly subject: string;
  readonly kind: string;
  readonly category: string;
  readonly author: string;
  /** Whether it is a variant of another package, and of which. */
  readonly variantOf?: string;
}

/** A package with what it is. */
export interface SyntheticPackage {
  readonly nature: Nature;
  readonly document: SearchDocument;
}

const variantShare = 0.15;
const undescribedShare = 0.1;
const untaggedShare = 0.25;

/**
 * Packages as a registry has them: names in several styles, descriptions that mention other things in passing, tags that
 * are sometimes missing, variants beside what they vary.
 *
 * @param count How many.
 * @param seed Any integer.
 */
export function syntheticPackages(count: number, seed: number): SyntheticPackage[] {
  const random = createSeeded(seed);
  const pick = createPick(random);
  const packages = new Map<string, SyntheticPackage>();
  const originals: SyntheticPackage[] = [];

  const original = (): SyntheticPackage => {
    const [subject, plural, category] = pick(subjects);
    const [kind, , does] = pick(kinds);
    const language = pick(languages);
    const author = `${pick(givenNames)} ${pick(familyNames)}`;
    const name = idName(subject, kind, language, random());
    const serial = packages.size % 7 === 0 ? `${pick(["a", "b", "c", "d", "e"])}${packages.size}.` : "";
    const title = titleOf(subject, kind, language, random());
    const other = pick(subjects);
    const otherKind = pick(kinds);
    const otherLanguage = pick(languages);
    const asides = [
      `, next to your ${other[1]}`,
      `; pairs well with a ${other[0]} ${otherKind[0]}`,
      ` for ${otherLanguage} teams too`,
      "",
      "",
    ] as const;
    const description =
      random() < undescribedShare
        ? ""
        : `${does} ${random() < 0.6 ? plural : `each ${subject}`} in ${language}${pick(asides)}.`;
    const tags = random() < untaggedShare ? [] : [language, subject, kind].filter(() => random() < 0.8);
    return {
      nature: { language, subject, kind, category, author },
      document: {
        id: `${pick(organisations)}.${serial}${name}`,
        title,
        description,
        ...(random() < 0.85 ? { category } : { category: "other" }),
        tags,
        keywords: random() < 0.2 ? [other[0]] : [],
        authors: [author],
        license: pick(["MIT", "MIT", "Apache-2.0", "BSD-3-Clause"]),
      },
    };
  };

  const variant = ({ nature, document }: SyntheticPackage): SyntheticPackage => {
    const suffix = pick(variants);
    return {
      nature: { ...nature, variantOf: document.id },
      document: {
        ...document,
        id: `${document.id}-${suffix}`,
        title: `${document.title} ${suffix}`,
        description: `${document.description} The ${suffix} edition.`.trim(),
      },
    };
  };

  while (packages.size < count) {
    const base =
      originals.length > 0 && random() < variantShare ? originals[Math.floor(random() * originals.length)] : undefined;
    const made = base === undefined ? original() : variant(base);
    const id = made.document.id.toLowerCase();
    if (packages.has(id)) continue;
    packages.set(id, made);
    if (base === undefined) originals.push(made);
  }
  return [...packages.values()];
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function idName(subject: string, kind: string, language: string, drawn: number): string {
  if (drawn < 0.45) return `${language}.${subject}-${kind}`;
  if (drawn < 0.65) return `${subject}-${kind}-${language}`;
  if (drawn < 0.8) return `${language}.${subject}_${kind}`;
  return `${language}.${capital(subject)}${capital(kind)}`;
}

function titleOf(subject: string, kind: string, language: string, drawn: number): string {
  if (drawn < 0.5) return `${capital(subject)} ${kind} for ${capital(language)}`;
  if (drawn < 0.8) return `${capital(language)} ${subject} ${kind}`;
  return `${subject}-${kind}`;
}
