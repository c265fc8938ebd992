import { maxEnvelopeBytes, type Query } from "@ggen/p2p-types";

import { checkBytes, checkText, decodeMessage, encodeMessage } from "./dag-cbor.ts";

/** Largest request frame of `/ggen/search/1` in bytes. */
export const maxSearchRequestBytes: number = 8 * 1024;
/** Largest answer frame of `/ggen/search/1` in bytes: 100 envelopes of the largest size. */
export const maxSearchAnswerBytes: number = 2 * 1024 * 1024;
const maxResults = 100;
const maxTerms = 32;
const maxTermLength = 100;

/** A peer's answer to a search: signed release records, best first, to be verified by the asker. */
export interface SearchAnswer {
  readonly envelopes: readonly Uint8Array[];
  /** How many packages match in all, as the peer says. */
  readonly total: number;
}

/** Encodes a query. `sort` and `minReputation` stay home: they are the asker's own. */
export function encodeSearchRequest(query: Query): Uint8Array {
  const { text, keywords, categories, category, tags, publisher, limit, offset } = query;
  return encodeMessage({ text, keywords, categories, category, tags, publisher, limit: limit ?? maxResults, offset });
}

/** Decodes a query. @throws GgenError `network.protocol` */
export function decodeSearchRequest(bytes: Uint8Array): Query {
  const fields = decodeMessage(bytes);
  const terms = (name: string): string[] | undefined =>
    fields.has(name)
      ? fields.list(name, maxTerms, (value, field) => checkText(value, field, maxTermLength))
      : undefined;
  const text = (name: string, max: number): string | undefined =>
    fields.has(name) ? fields.text(name, max) : undefined;
  const found = {
    text: text("text", 1000),
    keywords: terms("keywords"),
    categories: terms("categories"),
    category: text("category", maxTermLength),
    tags: terms("tags"),
    publisher: text("publisher", maxTermLength),
    limit: fields.integer("limit", 1, maxResults),
    offset: fields.has("offset") ? fields.integer("offset", 0, 1_000_000) : undefined,
  };
  fields.end();
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Query;
}

/** Encodes an answer; envelopes beyond the frame's limit are left out. */
export function encodeSearchAnswer(answer: SearchAnswer): Uint8Array {
  return encodeMessage({ envelopes: answer.envelopes.slice(0, maxResults), total: answer.total });
}

/** Decodes an answer. @throws GgenError `network.protocol` */
export function decodeSearchAnswer(bytes: Uint8Array): SearchAnswer {
  const fields = decodeMessage(bytes);
  const answer = {
    envelopes: fields.list("envelopes", maxResults, (value, name) => checkBytes(value, name, 1, maxEnvelopeBytes)),
    total: fields.integer("total", 0, Number.MAX_SAFE_INTEGER),
  };
  fields.end();
  return answer;
}
