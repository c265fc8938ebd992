import { create, insertMultiple, search } from "@orama/orama";
import type { SearchDocument } from "../judged/judged-set.ts";
import { spreadId } from "./search-engine.ts";
import type { SearchEngine } from "./search-engine.ts";

/** How Orama is asked. */
export interface OramaSettings {
  /** Whether words are reduced to their stems. */
  readonly stemming: boolean;
  /** Edits that are forgiven. */
  readonly tolerance: number;
  /** 0: all words must match; 1: any; between: a share of the others. */
  readonly threshold: number;
  readonly boost: Readonly<Record<string, number>>;
}

/** What was best for Orama on the tuning half: `judged/README.md` says of which settings. */
export const oramaSettings: OramaSettings = {
  stemming: true,
  tolerance: 1,
  threshold: 1,
  boost: { name: 5, title: 4, tags: 3, authors: 2 },
};

/** Orama in memory. */
export async function createOrama(
  documents: readonly SearchDocument[],
  { stemming, tolerance, threshold, boost }: OramaSettings = oramaSettings,
): Promise<SearchEngine> {
  const database = create({
    schema: { name: "string", title: "string", tags: "string", description: "string", authors: "string" },
    components: { tokenizer: { language: "english", stemming } },
  });
  await insertMultiple(
    database,
    documents.map((document) => ({
      id: document.id,
      // Its tokenizer keeps hyphens and underscores inside words.
      name: apart(spreadId(document.id)),
      title: apart(document.title),
      tags: apart([...document.tags, ...document.keywords, document.category ?? ""].join(" ")),
      description: apart(document.description),
      authors: apart(document.authors.join(" ")),
    })),
  );
  return {
    search: async (text, limit) => {
      const { hits } = await search(database, { term: apart(text), limit, tolerance, threshold, boost: { ...boost } });
      return hits.map(({ id }) => id);
    },
    close: async () => {},
  };
}

function apart(text: string): string {
  return text.replaceAll(/[-_."]+/g, " ");
}
