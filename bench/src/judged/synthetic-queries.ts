import { createPick, createSeeded } from "../measure/seeded.ts";
import type { Grade, JudgedQuery, QueryKind } from "./judged-set.ts";
import type { Nature, SyntheticPackage } from "./synthetic-documents.ts";
import { familyNames, givenNames, kinds, languages, subjects } from "./vocabulary.ts";

const perKind = 12;
const alphabet = "abcdefghijklmnopqrstuvwxyz";

type Rule = (nature: Nature, id: string) => Grade | 0;

/**
 * Queries over the synthetic packages, judged by the rules in `judged/README.md` over what the packages are.
 *
 * @param seed Any integer.
 */
export function syntheticQueries(packages: readonly SyntheticPackage[], seed: number): JudgedQuery[] {
  const random = createSeeded(seed);
  const pick = createPick(random);
  const queries: JudgedQuery[] = [];
  const seen = new Set<string>();
  const add = (kind: QueryKind, text: string, rule: Rule): void => {
    const grades: Record<string, Grade> = {};
    for (const { nature, document } of packages) {
      const grade = rule(nature, document.id);
      if (grade > 0) grades[document.id] = grade as Grade;
    }
    if (seen.has(text) || !Object.values(grades).includes(3)) return;
    seen.add(text);
    queries.push({ kind, text, grades });
  };
  const fill = (kind: QueryKind, make: () => void): void => {
    const has = (): number => queries.filter((query) => query.kind === kind).length;
    while (has() < perKind) make();
  };

  fill("exact-id", () => {
    const { document } = packages[Math.floor(random() * packages.length)] ?? { document: { id: "" } };
    const text = random() < 0.5 ? document.id : document.id.toLowerCase();
    add("exact-id", text, (nature, id) => (id === document.id ? 3 : nature.variantOf === document.id ? 2 : 0));
  });
  fill("part-of-id", () => {
    const [[subject], [kind], language] = [pick(subjects), pick(kinds), pick(languages)];
    if (random() < 0.5) add("part-of-id", `${subject}-${kind}`, about(subject, kind));
    else add("part-of-id", `${language}.${subject}-${kind}`, about(subject, kind, language));
  });
  fill("words", () => {
    const [[subject], [kind], language] = [pick(subjects), pick(kinds), pick(languages)];
    const drawn = random();
    if (drawn < 0.4) add("words", `${subject} ${kind}`, about(subject, kind));
    else if (drawn < 0.75) add("words", `${language} ${subject} ${kind}`, about(subject, kind, language));
    else add("words", `${subject} ${language}`, about(subject, undefined, language));
  });
  fill("prefix", () => {
    const [[subject], [kind], language] = [pick(subjects), pick(kinds), pick(languages)];
    const begun = (word: string): string => word.slice(0, 3 + Math.floor(random() * (word.length - 3)));
    if (random() < 0.5) {
      const end = begun(kind);
      const matching = kinds.map(([name]) => name).filter((name) => name.startsWith(end));
      add("prefix", `${subject} ${end}`, anyOf(matching.map((name) => about(subject, name))));
    } else {
      const end = begun(subject);
      const matching = subjects.map(([name]) => name).filter((name) => name.startsWith(end));
      add("prefix", `${language} ${end}`, anyOf(matching.map((name) => about(name, undefined, language))));
    }
  });
  fill("typo", () => {
    const [[subject], [kind], language] = [pick(subjects), pick(kinds), pick(languages)];
    const slip = (word: string): string => misspelt(word, random);
    const drawn = random();
    if (drawn < 0.4) add("typo", `${slip(subject)} ${kind}`, about(subject, kind));
    else if (drawn < 0.7) add("typo", `${subject} ${slip(kind)}`, about(subject, kind));
    else add("typo", `${language} ${slip(subject)} ${kind}`, about(subject, kind, language));
  });
  fill("phrase", () => {
    const [[subject], [kind], language] = [pick(subjects), pick(kinds), pick(languages)];
    if (random() < 0.6) add("phrase", `"${subject} ${kind}"`, about(subject, kind));
    else add("phrase", `"${subject} ${kind}" ${language}`, about(subject, kind, language));
  });
  for (const category of new Set(subjects.map(([, , name]) => name))) {
    add("category-or-tag", category, (nature) => (nature.category === category ? 3 : 0));
  }
  fill("category-or-tag", () => {
    const [category, language] = [pick(subjects)[2], pick(languages)];
    add("category-or-tag", `${category} ${language}`, (nature) =>
      nature.category !== category ? 0 : nature.language === language ? 3 : 1,
    );
  });
  fill("author", () => {
    const [author, [subject]] = [`${pick(givenNames)} ${pick(familyNames)}`, pick(subjects)];
    if (random() < 0.5) add("author", author, (nature) => (nature.author === author ? 3 : 0));
    else {
      add("author", `${author.toLowerCase()} ${subject}`, (nature) =>
        nature.author !== author ? 0 : nature.subject === subject ? 3 : 1,
      );
    }
  });
  fill("plural", () => {
    const [[subject, many], [kind, kindMany], language] = [pick(subjects), pick(kinds), pick(languages)];
    const drawn = random();
    if (drawn < 0.4) add("plural", `${subject} ${kindMany}`, about(subject, kind));
    else if (drawn < 0.7) add("plural", `${many} ${kind}`, about(subject, kind));
    else add("plural", `${language} ${many}`, about(subject, undefined, language));
  });
  fill("hyphenation", () => {
    const [[subject], [kind], language] = [pick(subjects), pick(kinds), pick(languages)];
    const joined = pick([
      `${subject}${kind}`,
      `${subject}_${kind}`,
      `${subject}.${kind}`,
      `${language}-${subject}-${kind}`,
    ]);
    add("hyphenation", joined, about(subject, kind, joined.startsWith(language) ? language : undefined));
  });
  return queries;
}

/** About a subject, a kind and a language, as far as they are given. */
function about(subject: string, kind?: string, language?: string): Rule {
  return (nature) => {
    if (nature.subject !== subject || (kind !== undefined && nature.kind !== kind)) return 0;
    if (language !== undefined && nature.language !== language) return kind === undefined ? 0 : 1;
    return nature.variantOf === undefined ? 3 : 2;
  };
}

function anyOf(rules: readonly Rule[]): Rule {
  return (nature, id) => rules.reduce<Grade | 0>((best, rule) => Math.max(best, rule(nature, id)) as Grade | 0, 0);
}

/** One letter changed, left out, doubled or swapped with the next; never the first. */
function misspelt(word: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (word.length - 2));
  const [before, letter, next, after] = [word.slice(0, at), word.charAt(at), word.charAt(at + 1), word.slice(at + 2)];
  const drawn = random();
  if (drawn < 0.25) return before + next + after;
  if (drawn < 0.5) return before + letter + letter + next + after;
  if (drawn < 0.75 && letter !== next) return before + next + letter + after;
  const other = alphabet.charAt(Math.floor(random() * alphabet.length));
  return before + (other === letter ? "x" : other) + next + after;
}
