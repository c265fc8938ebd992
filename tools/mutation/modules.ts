/** A part of the product that decides what is believed, and the tests that have to notice when it decides otherwise. */
export interface VerifyingModule {
  readonly name: string;
  /** The package, below `packages`. */
  readonly package: string;
  /** Glob patterns below the package: what is mutated. */
  readonly files: readonly string[];
  /** Glob patterns below the package: test files. */
  readonly tests: readonly string[];
  /** Whether it remembers things, so that what is alive in the end is tried once more in a process that remembers nothing. */
  readonly remembers?: true;
}

/** What is tested by mutation. */
export const modules: readonly VerifyingModule[] = [
  {
    name: "records",
    package: "types",
    files: ["src/records/*.ts", "src/package-id.ts", "src/version.ts"],
    tests: ["test/records/*.test.ts", "test/names.test.ts"],
  },
  {
    name: "crypto",
    package: "types",
    files: ["src/crypto/*.ts"],
    tests: ["test/crypto/*.test.ts", "test/records/*.test.ts"],
    remembers: true,
  },
  { name: "content", package: "types", files: ["src/content/*.ts"], tests: ["test/content/*.test.ts"] },
  {
    name: "archive",
    package: "gpack",
    files: ["src/archive/{read-archive,header,header-fault,path-rules,validate-archive}.ts"],
    tests: ["test/archive/*.test.ts"],
  },
  { name: "lockfile", package: "gpack", files: ["src/lock/lockfile.ts"], tests: ["test/lock/*.test.ts"] },
  {
    name: "dependencies",
    package: "gpack",
    files: ["src/resolve/*.ts", "src/version/*.ts"],
    tests: ["test/resolve/*.test.ts", "test/version/*.test.ts"],
  },
  {
    name: "rules",
    package: "catalog",
    files: ["src/rules/*.ts"],
    tests: ["test/rules/*.test.ts", "test/convergence/*.test.ts"],
  },
  { name: "owner", package: "catalog", files: ["src/resolve/*.ts"], tests: ["test/resolve/*.test.ts"] },
  {
    name: "stored records",
    package: "catalog",
    files: ["src/stored/{compact,stored-envelope}.ts", "src/replica/verify-records.ts"],
    tests: ["test/stored/*.test.ts", "test/replica/{damage,verify-records}.test.ts"],
  },
  {
    name: "admission",
    package: "catalog",
    files: [
      "src/admission/{admission,choose-evictions,timed-set}.ts",
      "src/replica/{limits,check-envelopes,operation-intake,contested-forks,publisher-tips,apply-operations}.ts",
    ],
    tests: [
      "test/admission/*.test.ts",
      "test/replica/{accept,apply-operations,check-envelopes,contested-forks,contested-memory,following,intake,intake-room,intake-writes,publisher-tips,room,takeover}.test.ts",
    ],
  },
  {
    name: "content store",
    package: "cache",
    files: ["src/store/{verifier,fetch-state}.ts"],
    tests: [
      "test/{page-memory,fetch-state,tree,verify,leaves-ahead,shared-blocks,writer}.test.ts",
      "test/{hostile,fetch,borrowed-buffers,damage,recovery,direct-writes,hash-thread}.test.ts",
    ],
  },
  {
    name: "chunks",
    package: "cache",
    files: ["src/store/{parts,reader,rebuild,recovery,writer}.ts", "src/files/chunk-files.ts"],
    tests: [
      "test/{chunk-files,reader,rebuild,sweep,writer}.test.ts",
      "test/{borrowed-buffers,direct-writes,fetch-state,leaves-ahead,page-memory,tree,turned-bits}.test.ts",
      "test/{add-and-read,damage,fetch,hostile,recovery,verify}.test.ts",
    ],
  },
  {
    name: "network",
    package: "behaviour",
    files: [
      "src/gossip/verdicts.ts",
      "src/swarm/swarm.ts",
      "src/wire/{answer-parser,chunk-messages,receipt-messages}.ts",
    ],
    tests: [
      "test/wire/*.test.ts",
      "test/swarm/*.test.ts",
      "test/gossip/*.test.ts",
      "test/download/hostile-holders.test.ts",
    ],
    remembers: true,
  },
  {
    name: "light",
    package: "registry",
    files: ["src/light/{ask-all,keep-filter,light-catalogue,survey}.ts", "src/query/{accept-answer,listings}.ts"],
    tests: [
      "test/light/{ask-all,keep-filter,light-catalogue,survey}.test.ts",
      "test/query/{accept-answer,listings}.test.ts",
    ],
  },
  {
    name: "choice",
    package: "registry",
    files: ["src/resolve/{choose-owner,cooldown,select-version,domain,look-alike}.ts"],
    tests: ["test/resolve/*.test.ts", "test/install/*.test.ts"],
  },
];
