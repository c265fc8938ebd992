/** A JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const textOrNull: Schema = { type: ["string", "null"] };
const count: Schema = { type: "integer", minimum: 0 };
const texts: Schema = { type: "array", items: text };
const packageId: Schema = { type: "string", pattern: "^[A-Za-z0-9._-]{1,100}$", examples: ["io.ggen.rust.cli"] };
const publisher: Schema = { type: "string", pattern: "^ggen1[a-z2-7]{52}$" };
const checksum: Schema = {
  type: "string",
  pattern: "^sha256:[0-9a-f]{64}$",
  description: "Over the uncompressed archive, exactly the bytes of `/download` without a Content-Encoding.",
};

/** An object all of whose properties are required and which has no others. */
function record(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  return {
    type: "object",
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    additionalProperties: false,
  };
}

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

const rowProperties = { id: packageId, name: text, version: text, size: count, checksum, publisher };

const facet: Schema = { type: "array", items: ref("FacetCount"), maxItems: 20 };

/** The shapes of every JSON answer. */
export const schemas: Readonly<Record<string, Schema>> = {
  Index: record({ name: { const: "ggen" }, version: text, peer_id: text, capabilities: texts }),
  PackageRow: record(rowProperties),
  FacetCount: record({ value: text, count }),
  Facets: record({
    categories: { ...facet, description: "Lower case, as are tags and licenses." },
    tags: facet,
    licenses: facet,
    publishers: facet,
    exact: { type: "boolean", description: "Whether every result was counted; otherwise the first 5,000." },
  }),
  PackageList: record(
    {
      packages: { type: "array", items: ref("PackageRow"), maxItems: 100 },
      total: { ...count, description: "Packages that match the query in all." },
      total_is_lower_bound: { const: true, description: "Present when there are more, which were not counted." },
      next: { ...textOrNull, description: "The `cursor` of the next page; null on the last." },
      facets: ref("Facets"),
    },
    ["total_is_lower_bound", "facets"],
  ),
  PackageVersion: record({ version: text, publisher, yanked: { type: "boolean" } }),
  Claimant: record({ publisher, latest: text, versions: count }),
  Package: record({
    ...rowProperties,
    description: text,
    author: textOrNull,
    license: textOrNull,
    versions: { type: "array", items: ref("PackageVersion"), description: "Ascending." },
    claimants: { type: "array", items: ref("Claimant"), description: "Every publisher that claims the id." },
    category: textOrNull,
    tags: texts,
    keywords: texts,
    homepage: textOrNull,
    repository: textOrNull,
    ggen_compat: textOrNull,
    dependencies: { type: "object", additionalProperties: text, description: "[PUBLISHER/]ID → semver range." },
    requires: { ...texts, description: "As written by older manifests; never resolved." },
    cid: { ...text, description: "CIDv1 of the archive." },
    released_at: { ...count, description: "Seconds since 1970, as its author claims." },
  }),
  DownloadInfo: record({
    id: packageId,
    version: text,
    download_url: { type: "string", format: "uri" },
    size: count,
    checksum,
    algorithm: { const: "SHA256" },
  }),
  Health: record({ status: { const: "ok" } }),
  Readiness: record({ status: { const: "ready" } }),
  Error: record(
    {
      error: record({ code: text, message: text, hint: text }),
      claimants: { type: "array", items: ref("Claimant"), description: "With `package.ambiguous`." },
    },
    ["claimants"],
  ),
};
