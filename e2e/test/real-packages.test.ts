import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import {
  capability,
  createHome,
  ggen,
  type NodeProcess,
  publishableFolders,
  type RunResult,
  startNode,
  treeFiles,
} from "@ggen/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { refusedOfCorpus, refusedOfSample } from "./real-packages/refused.ts";
import { searchesOfCorpus, searchesOfExamples, searchesOfSample } from "./real-packages/searches.ts";
import {
  answerOf,
  type Failure,
  type Installed,
  type SearchRow,
  statusOf,
  untilCatalogueIs,
  wholeCatalogue,
} from "./support/catalogue.ts";
import { inParallel } from "./support/in-parallel.ts";
import { inLargePackage, largePackageId, writeLargePackage } from "./support/large-package.ts";
import { expectedTree, type PackageTree } from "./support/package-tree.ts";

const examples = join(import.meta.dirname, "../../examples/packages");
const hasCorpus = capability("corpus").available;
const corpus = hasCorpus
  ? capability("corpus").detail
  : join(import.meta.dirname, "../../packages/gpack/test/fixtures/corpus-sample");
const refusals = hasCorpus ? refusedOfCorpus : refusedOfSample;
const searches = [...searchesOfExamples, ...(hasCorpus ? searchesOfCorpus : searchesOfSample)];
/** Commands side by side: as many as two cores can use. */
const atOnce = 3;

/** A package that was published, and the tree that everybody must get. */
interface Source {
  readonly id: string;
  readonly version: string;
  readonly path: string;
  readonly tree: PackageTree;
}

const of = (folder: string): ReturnType<typeof publishableFolders> => publishableFolders(folder);
const broken = of(corpus).refused;
const workshop = await mkdtemp(join(tmpdir(), "gg-large-"));
let sources: readonly Source[] = [];
let published: readonly { readonly path: string; readonly result: RunResult }[] = [];
let a: NodeProcess;
let b: NodeProcess;
let c: NodeProcess;
let fingerprint = "";

beforeAll(async () => {
  await writeLargePackage(workshop);
  const folders = [...of(examples).publishable, ...of(corpus).publishable];
  sources = [
    ...(await Promise.all(folders.map(async (folder) => ({ ...folder, tree: await expectedTree(folder.path) })))),
    { id: largePackageId, version: "1.0.0", path: workshop, tree: await expectedTree(workshop, inLargePackage) },
  ];
  a = await startNode({ home: createHome() });
  // Broken folders come between good ones: one that stopped the others would show.
  const paths = [...sources, ...broken].map(({ path }) => path).sort((x, y) => (basename(x) < basename(y) ? -1 : 1));
  published = await inParallel(paths, atOnce, async (path) => ({
    path,
    result: await ggen(a.home, ["marketplace", "publish", path, "--json"]),
  }));
  fingerprint = (await statusOf(a.home)).catalogFingerprint;
}, 180_000);
afterAll(() => rm(workshop, { recursive: true, force: true }));

const key = ({ id, version }: { readonly id: string; readonly version: string }): string => `${id}@${version}`;

/** Waits for a catalogue that is equal by hash. @returns the ids in it; one row per id, whatever its versions */
async function idsOnceEqual(home: string): Promise<readonly string[]> {
  await untilCatalogueIs(home, fingerprint);
  return (await wholeCatalogue(home)).map((row) => row.package.id).sort();
}

/** One id has a version in the corpus and a newer one among the examples. */
const publishedIds = (): readonly string[] => [...new Set(sources.map(({ id }) => id))].sort();

/** Installs every version of every package, each into a folder of its own, and compares every tree with its source. */
async function installAll(home: string): Promise<Installed["packages"]> {
  const results = await inParallel(sources, atOnce, async (source) => {
    const target = join(home, "installed", key(source));
    const result = await ggen(home, ["marketplace", "install", key(source), "--target", target, "--json"]);
    return { id: source.id, result, error: result.code === 0 ? undefined : (result.json() as Failure).error.message };
  });
  expect(results.filter(({ error }) => error !== undefined).map(({ id, error }) => [id, error])).toEqual([]);
  for (const source of sources) {
    const files = await treeFiles(join(home, "installed", key(source), source.id));
    expect({ source: key(source), files }).toEqual({ source: key(source), files: source.tree });
  }
  return results.flatMap(({ result }) => (result.json() as Installed).packages);
}

/** Packages that a node fetched, with the peers that gave the bytes. */
function fetchedFrom(packages: Installed["packages"]): Record<string, readonly string[]> {
  const fetched = packages.filter(({ source }) => source === "peers");
  return Object.fromEntries(fetched.map((entry) => [key(entry), entry.peers.map(({ peerId }) => peerId)]));
}

describe("on node A", () => {
  it("every publishable folder is published", () => {
    const failed = published.filter(({ path, result }) => result.code !== 0 && sources.some((s) => s.path === path));
    expect(failed.map(({ path, result }) => [path, result.stdout])).toEqual([]);
    expect(sources.length).toBeGreaterThanOrEqual(hasCorpus ? 64 + 9 + 1 : 8 + 9 + 1);
  });

  it("every broken folder is refused, each by name and for its reason", () => {
    const refused = published.filter(({ result }) => result.code !== 0);
    const said = refused.map(({ path, result }) => [basename(path), (result.json() as Failure).error] as const);
    expect(Object.fromEntries(said)).toEqual(
      Object.fromEntries(
        Object.entries(refusals).map(([name, { code, says }]) => [
          name,
          expect.objectContaining({ code, message: expect.stringContaining(says), hint: expect.stringMatching(/./) }),
        ]),
      ),
    );
    expect(new Set(refused.map(({ result }) => result.code))).toEqual(new Set([2]));
  });

  it("a person gets one message for a broken folder, on stderr, that names it", async () => {
    const said = await inParallel(broken, atOnce, async ({ path, name }) => {
      const { code, stdout, stderr } = await ggen(a.home, ["marketplace", "publish", path]);
      return { name, code, stdout, errors: stderr.match(/^Error: /gm)?.length, named: stderr.includes(name) };
    });
    expect(said).toEqual(broken.map(({ name }) => ({ name, code: 2, stdout: "", errors: 1, named: true })));
    expect((await statusOf(a.home)).catalogFingerprint).toBe(fingerprint);
  });

  it("40 MB are one of the packages", () => {
    const large = published.find(({ path }) => path === workshop)?.result.json() as { size: number; files: unknown[] };
    expect(large.size).toBeGreaterThan(40_000_000);
    expect(large.files).toHaveLength(18);
  });
});

describe("node B, that knows A's address", () => {
  beforeAll(async () => {
    b = await startNode({ home: createHome(), args: ["--bootstrap", a.addresses[0] ?? ""] });
    await untilCatalogueIs(b.home, fingerprint);
  });

  it("has the whole catalogue, equal by hash", async () => {
    expect(await idsOnceEqual(b.home)).toEqual(publishedIds());
  });

  it.for(searches)("finds by %s: %j", async ([, args, wanted]) => {
    const query = args[0]?.startsWith("-") === true ? ["", ...args] : args;
    const search = ["marketplace", "search", ...query, "--limit", "100"];
    const { results } = await answerOf<{ results: SearchRow[] }>(b.home, search);
    expect(results.map((row) => row.package.id)).toContain(wanted);
    // A filter that let everything through would find it too. Partial matches fill a short answer up to ten.
    expect(results.length).toBeLessThan(Math.max(sources.length / 2, 11));
  });

  it("finds every package first when its whole id is typed", async () => {
    const first = await inParallel(sources, atOnce, async ({ id }) => {
      const search = ["marketplace", "p2p", "search", id, "--limit", "1"];
      return (await answerOf<{ results: SearchRow[] }>(b.home, search)).results[0]?.package.id;
    });
    expect(first).toEqual(sources.map(({ id }) => id));
  });

  it("installs all of it from A, and every tree equals its source", async () => {
    const from = fetchedFrom(await installAll(b.home));
    expect(from).toEqual(Object.fromEntries(sources.map((source) => [key(source), [a.peerId]])));
  });
});

describe("node C, after A is gone for good", () => {
  beforeAll(async () => {
    await a.kill();
    await rm(a.home, { recursive: true, force: true, maxRetries: 5 });
    c = await startNode({ home: createHome(), args: ["--bootstrap", b.addresses[0] ?? ""] });
  });

  it("has the whole catalogue through B alone", async () => {
    expect(await idsOnceEqual(c.home)).toEqual(publishedIds());
  });

  it("installs everything that B holds, and every tree equals its source", async () => {
    const from = fetchedFrom(await installAll(c.home));
    expect(from).toEqual(Object.fromEntries(sources.map((source) => [key(source), [b.peerId]])));
  });
});
