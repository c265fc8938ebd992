import MiniSearch from "minisearch";
import type { SearchOptions } from "minisearch";
import type { SearchDocument } from "../judged/judged-set.ts";
import { spreadId } from "./search-engine.ts";
import type { SearchEngine } from "./search-engine.ts";

/** What was best for MiniSearch on the tuning half: `judged/README.md` says of which settings. */
export const miniSearchSettings: SearchOptions = {
  boost: { name: 5, title: 4, tags: 3, authors: 2 },
  prefix: (_, place, terms) => place === terms.length - 1,
  fuzzy: (term) => (term.length > 3 ? 0.3 : false),
  combineWith: "OR",
};

/** MiniSearch in memory. */
export async function createMiniSearch(
  documents: readonly SearchDocument[],
  settings: SearchOptions = miniSearchSettings,
): Promise<SearchEngine> {
  const index = new MiniSearch({
    fields: ["name", "title", "tags", "description", "authors"],
    searchOptions: settings,
  });
  index.addAll(
    documents.map((document) => ({
      id: document.id,
      name: spreadId(document.id),
      title: document.title,
      tags: [...document.tags, ...document.keywords, document.category ?? ""].join(" "),
      description: document.description,
      authors: document.authors.join(" "),
    })),
  );
  return {
    search: async (text, limit) =>
      index
        .search(text)
        .slice(0, limit)
        .map(({ id }) => String(id)),
    close: async () => {},
  };
}
