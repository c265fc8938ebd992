import type { Schema } from "./schemas.ts";

const json = (name: string): Schema => ({
  "application/json": { schema: { $ref: `#/components/schemas/${name}` } },
});
const page: Schema = { "text/html": { schema: { type: "string" } } };
const archive: Schema = { "application/x-tar": { schema: { type: "string", format: "binary" } } };

/** An answer with its headers and forms. */
export function answer(description: string, content?: Schema, headers?: Schema): Schema {
  return { description, ...(content === undefined ? {} : { content }), ...(headers === undefined ? {} : { headers }) };
}

const header = (description: string): Schema => ({ description, schema: { type: "string" } });

/** What every endpoint may answer when it does not answer what was asked. */
export const errorAnswers: Readonly<Record<string, Schema>> = Object.fromEntries(
  [
    ["400", "The id, version, parameter, URL or Host is not valid."],
    ["404", "There is no such package, version or endpoint."],
    ["405", "Only GET, HEAD and OPTIONS are answered; `Allow` says so."],
    ["408", "The request did not arrive in time."],
    ["409", "Several publishers claim the id (`claimants`), or one signed two contents for the version."],
    ["410", "The version was withdrawn by its publisher."],
    ["414", "The URL is too long."],
    ["416", "The range lies outside the archive, or there is more than one; `Content-Range` gives the size."],
    ["429", "Too many downloads at once; `Retry-After` says when to try again."],
    ["431", "The headers are too large."],
    ["500", "A defect, or the disk."],
    ["502", "No reachable peer holds the content, or all of them sent other bytes."],
    ["503", "The node cannot know yet, or is stopping."],
    ["504", "Peers did not answer in time."],
  ].map(([status = "", description = ""]) => [
    status,
    answer(description, json("Error"), status === "405" ? { Allow: header("The methods.") } : undefined),
  ]),
);

const caching = { ETag: header("Strong; for If-None-Match.") };

/** One endpoint's GET. */
export interface Operation {
  readonly summary: string;
  /** Parameters by name, defined once in the document. */
  readonly parameters: readonly string[];
  readonly responses: Readonly<Record<string, Schema>>;
  /** The statuses of {@link errorAnswers} that it may give. */
  readonly errors: readonly string[];
}

const requestErrors = ["400", "405", "408", "414", "431", "500"];
const catalogErrors = [...requestErrors, "404", "503"];
const resolveErrors = [...catalogErrors, "409", "410"];
const notModified = { "304": answer("The client's copy is still right (If-None-Match).") };

/** Every endpoint, by path. */
export function operations(): Readonly<Record<string, Operation>> {
  const list = ["q", "category", "tags", "license", "publisher", "sort", "limit", "facets", "cursor"];
  const named = (path: string, parameters: readonly string[]): Readonly<Record<string, Operation>> => ({
    [path]: {
      summary: "A package; a browser gets its page.",
      parameters,
      responses: { "200": answer("The package.", { ...json("Package"), ...page }, caching), ...notModified },
      errors: resolveErrors,
    },
    [`${path}/info`]: {
      summary: "What is needed to download the archive and check it.",
      parameters,
      responses: { "200": answer("URL, size and checksum.", json("DownloadInfo"), caching), ...notModified },
      errors: resolveErrors,
    },
    [`${path}/download`]: {
      summary: "The canonical archive: fetched from peers when it is not here, checked, and streamed.",
      parameters: [...parameters, "Range", "If-Range", "If-None-Match"],
      responses: {
        "200": answer(
          "The archive; gzip or zstd only as Content-Encoding, when Accept-Encoding asks for it.",
          archive,
          { ...caching, "Accept-Ranges": header("bytes"), "Content-Disposition": header("attachment") },
        ),
        "206": answer("One range of the uncompressed archive.", archive, { "Content-Range": header("Which one.") }),
        ...notModified,
      },
      errors: [...resolveErrors, "416", "429", "502", "504"],
    },
  });
  const service = (summary: string, content: Schema, errors: readonly string[] = requestErrors): Operation => ({
    summary,
    parameters: [],
    responses: { "200": answer("The answer.", content) },
    errors,
  });
  return {
    "/": {
      summary: "What this is; a browser gets the search page, with the parameters of `/packages`.",
      parameters: list,
      responses: { "200": answer("The node.", { ...json("Index"), ...page }, caching), ...notModified },
      errors: [...requestErrors, "503"],
    },
    "/packages": {
      summary: "A page of the packages that match; all of them without a query.",
      parameters: list,
      responses: {
        "200": answer("One page.", json("PackageList"), {
          ...caching,
          "Ggen-Complete": header("`true` when the node's catalogue had its first sync; otherwise more may exist."),
        }),
        ...notModified,
      },
      errors: [...requestErrors, "503"],
    },
    ...named("/packages/{id}", ["id"]),
    ...named("/packages/{id}/versions/{version}", ["id", "version"]),
    "/healthz": service("Whether the process answers.", json("Health")),
    "/readyz": service("Whether the node can answer for the whole catalogue.", json("Readiness"), catalogErrors),
    "/metrics": service("Figures of the node in Prometheus' text format.", {
      "text/plain": { schema: { type: "string" } },
    }),
    "/openapi.json": service("This document.", { "application/json": { schema: { type: "object" } } }),
  };
}
