/** A search as a user types it, and a package that it must find. */
export type SearchCase = readonly [what: string, args: readonly string[], finds: string];

/** Over `examples/packages`, and the package that the test makes. */
export const searchesOfExamples: readonly SearchCase[] = [
  ["name", ["Rust Errors with Exit Codes"], "io.ggen.rust.errors"],
  ["name, in part and in small letters", ["typescript client"], "io.ggen.typescript.api-client"],
  ["whole id", ["io.ggen.shapes.cli"], "io.ggen.shapes.cli"],
  ["words of the id", ["rust cli-subcommand"], "io.ggen.rust.cli-subcommand"],
  ["last word of the id", ["large-ontology"], "io.example.large-ontology"],
  ["first letters of a word", ["subcom"], "io.ggen.rust.cli-subcommand"],
  ["tag", ["--tags", "openapi"], "io.ggen.openapi.document"],
  ["two tags", ["--tags", "http,typescript"], "io.ggen.typescript.api-client"],
  ["category", ["--category", "validation"], "io.ggen.shapes.cli"],
  ["any of two categories", ["--category", "documentation", "--category", "nothing-here"], "io.ggen.docs.readme"],
  ["keyword", ["swagger"], "io.ggen.openapi.document"],
  ["words of the description", ["triples megabytes"], "io.example.large-ontology"],
  [
    "words of the description, with a category",
    ["operations parameters", "-c", "ontology"],
    "io.ggen.ontology.http-api",
  ],
];

/** Over the corpus. */
export const searchesOfCorpus: readonly SearchCase[] = [
  ["name", ["Next.js Ontology-Driven CRUD"], "io.ggen.nextjs.ontology-crud"],
  ["words of an id of its own", ["ontology crud"], "io.ggen.nextjs.ontology-crud"],
  ["words of an id that is its name", ["memory forge"], "agent-memory-forge"],
  ["tag", ["--tags", "beginner"], "hello-world"],
  ["tags of a table", ["--tags", "episodic,persistence"], "agent-memory-forge"],
  ["category", ["--category", "finance"], "banking-core"],
  ["first of its categories", ["shacl", "--category", "command-line-utilities"], "shacl-cli"],
  ["words of the description", ["video conferencing prescriptions"], "telemedicine-platform"],
  ["words of the description of [package] in a gpack.toml", ["hermetic swarm"], "cleanroom-testing-framework"],
  ["a word that is misspelt", ["telemedecine"], "telemedicine-platform"],
];

/** Over the sample that stands in for the corpus. */
export const searchesOfSample: readonly SearchCase[] = [
  ["name", ["Forms from an Ontology"], "io.example.forms"],
  ["words of the id", ["example subcommand"], "io.example.subcommand"],
  ["tags of a table", ["--tags", "ai,notes"], "agent-notebook"],
  ["category", ["--category", "finance"], "ledger-core"],
  ["first of its categories", ["--category", "command-line-utilities"], "shape-report-cli"],
  ["words of the description", ["trial balance"], "ledger-core"],
];
