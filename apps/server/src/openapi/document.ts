import { maxCursorLength, queryLimits } from "../catalog/list-query.ts";
import { errorAnswers, type Operation, operations } from "./operations.ts";
import { type Schema, schemas } from "./schemas.ts";

const manyTexts = (maxLength: number): Schema => ({
  type: "array",
  items: { type: "string", minLength: 1, maxLength },
  maxItems: queryLimits.items,
});

const parameters: Readonly<Record<string, Schema>> = {
  id: {
    in: "path",
    required: true,
    description: "`ID`, or `PUBLISHER/ID` percent-encoded (`PUBLISHER%2FID`).",
    schema: { type: "string", minLength: 1, maxLength: 200 },
  },
  version: { in: "path", required: true, description: "Semver, exact.", schema: { type: "string", maxLength: 100 } },
  q: { in: "query", description: "Words; all are sought.", schema: { type: "string", maxLength: queryLimits.text } },
  category: { in: "query", description: "Any of these; repeated or separated by commas.", schema: manyTexts(100) },
  tags: { in: "query", description: "All of these; repeated or separated by commas.", schema: manyTexts(100) },
  license: { in: "query", description: "Any of these; repeated or separated by commas.", schema: manyTexts(100) },
  publisher: {
    in: "query",
    description: "Only what this publisher claims.",
    schema: { type: "string", pattern: "^ggen1[a-z2-7]{52}$" },
  },
  sort: {
    in: "query",
    description: "The order: by relevance when absent.",
    schema: { enum: ["relevance", "name", "updated"] },
  },
  facets: {
    in: "query",
    description: "Whether to count the results by category, tag, license and publisher too.",
    schema: { enum: ["true", "false"] },
  },
  limit: {
    in: "query",
    description: "Packages per page; the node's `search.default_limit` when absent.",
    schema: { type: "integer", minimum: 1, maximum: queryLimits.page },
  },
  cursor: {
    in: "query",
    description: "`next` of an earlier page of the same query; opaque. Goes on behind it, whatever arrived meanwhile.",
    schema: { type: "string", minLength: 1, maxLength: maxCursorLength },
  },
  Range: { in: "header", description: "One byte range.", schema: { type: "string" } },
  "If-Range": { in: "header", description: "The ETag that the range belongs to.", schema: { type: "string" } },
  "If-None-Match": { in: "header", description: "ETags that the client has.", schema: { type: "string" } },
};

function toPathItem(path: string, { summary, parameters: names, responses, errors }: Operation): Schema {
  const operation = (method: "get" | "head"): Schema => ({
    operationId: `${method} ${path}`.replaceAll(/[^a-z]+([a-z]?)/gi, (_match, next: string) => next.toUpperCase()),
    summary,
    responses: {
      ...responses,
      ...Object.fromEntries(errors.map((status) => [status, { $ref: `#/components/responses/${status}` }])),
    },
  });
  return {
    parameters: names.map((name) => ({ $ref: `#/components/parameters/${name}` })),
    get: operation("get"),
    head: { ...operation("head"), description: "As GET, without a body." },
  };
}

/**
 * The gateway's OpenAPI 3.1 document.
 * @param version - of the family
 */
export function openApiDocument(version: string): Schema {
  return {
    openapi: "3.1.0",
    info: {
      title: "ggen gateway",
      version,
      description: "A read-only view of one ggen node: its verified catalogue and the content of its packages.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [],
    paths: Object.fromEntries(
      Object.entries(operations()).map(([path, operation]) => [path, toPathItem(path, operation)]),
    ),
    components: {
      schemas,
      parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { name, ...value }])),
      responses: errorAnswers,
    },
  };
}
