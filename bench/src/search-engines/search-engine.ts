import type { SearchDocument } from "../judged/judged-set.ts";

/** Something that was given documents and finds them. */
export interface SearchEngine {
  /** Ids of the documents found, the first result first. */
  readonly search: (text: string, limit: number) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** Makes an engine that holds documents. */
export type CreateSearchEngine = (documents: readonly SearchDocument[]) => Promise<SearchEngine>;

/**
 * An id as the rivals get it: beside the id its words, and its words joined, because a rival's tokenizer knows nothing
 * of `my-package`, `my_package` and `MyPackage`. Our catalogue does the same for itself.
 */
export function spreadId(id: string): string {
  const words = id.split(".").flatMap((label) => {
    const parts = label.split(/[_-]+|(?<=[a-z0-9])(?=[A-Z])/).filter((part) => part !== "");
    return parts.length > 1 ? [...parts, parts.join("")] : parts;
  });
  return `${id} ${words.join(" ")}`;
}
