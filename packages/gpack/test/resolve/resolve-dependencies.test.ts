import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isGgenError } from "@ggen/p2p-types";

import { type Candidate, type DependencyRef, resolveDependencies, satisfies } from "../../src/index.ts";

type World = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

/** A provider over `{id: {version: dependencies}}`; counts what it is asked. */
function provider(world: World, publisher = "p1") {
  const asked: string[] = [];
  return {
    asked,
    candidates: (ref: DependencyRef): Promise<readonly Candidate[]> => {
      asked.push(`${ref.publisher ?? ""}/${ref.id}`);
      const versions =
        ref.publisher === undefined || ref.publisher === publisher ? (world[ref.id.toLowerCase()] ?? {}) : {};
      return Promise.resolve(
        Object.entries(versions).map(([version, dependencies]) => ({ id: ref.id, publisher, version, dependencies })),
      );
    },
  };
}

async function resolve(world: World, root: string, range = "*"): Promise<readonly string[]> {
  const chosen = await resolveDependencies({ roots: [{ id: root, range }], candidates: provider(world).candidates });
  return chosen.map(({ id, version }) => `${id}@${version}`);
}

describe("resolution", () => {
  it("takes the newest of each, dependencies first, two levels deep", async () => {
    const world = {
      app: { "1.0.0": { lib: "^1", tool: "*" } },
      lib: { "1.0.0": {}, "1.4.0": { base: ">=2" }, "2.0.0": {} },
      base: { "1.0.0": {}, "2.1.0": {} },
      tool: { "0.1.0": { base: "^2" } },
    };
    expect(await resolve(world, "app")).toEqual(["base@2.1.0", "lib@1.4.0", "tool@0.1.0", "app@1.0.0"]);
  });

  it("goes back to an older version when the newest clashes", async () => {
    const world = {
      app: { "1.0.0": { a: "*", b: "*" } },
      a: { "2.0.0": { c: "^2" }, "1.0.0": { c: "^1" } },
      b: { "1.0.0": { c: "^1" } },
      c: { "1.5.0": {}, "2.0.0": {} },
    };
    expect(await resolve(world, "app")).toEqual(["c@1.5.0", "a@1.0.0", "b@1.0.0", "app@1.0.0"]);
  });

  it("says which ranges clash and what there is", async () => {
    const world = {
      app: { "1.0.0": { a: "*", b: "*" } },
      a: { "1.0.0": { c: "^2" } },
      b: { "1.0.0": { c: "^1" } },
      c: { "1.5.0": {}, "2.0.0": {} },
    };
    await expect(resolve(world, "app")).rejects.toMatchObject({
      code: "dependency.unresolvable",
      expected: "a@1.0.0 needs c ^2; b@1.0.0 needs c ^1",
      got: "versions 2.0.0, 1.5.0",
    });
    await expect(resolve({ app: { "1.0.0": { gone: "^1" } } }, "app")).rejects.toMatchObject({
      code: "dependency.unresolvable",
      expected: "app@1.0.0 needs gone ^1",
      got: "no version at all",
    });
  });

  it("tells a missing package from a missing version", async () => {
    await expect(resolve({}, "app")).rejects.toMatchObject({ code: "package.not-found" });
    await expect(resolve({ app: { "1.0.0": {} } }, "app", "^2")).rejects.toMatchObject({
      code: "package.version-not-found",
    });
    await expect(resolve({ app: { "2.0.0-rc.1": {} } }, "app", "^2")).rejects.toMatchObject({
      code: "package.version-not-found",
    });
  });

  it("ends on cycles, also on one that excludes itself", async () => {
    const cycle = { a: { "1.0.0": { b: "*" } }, b: { "1.0.0": { c: "*" } }, c: { "1.0.0": { a: "^1" } } };
    expect((await resolve(cycle, "a")).toSorted()).toEqual(["a@1.0.0", "b@1.0.0", "c@1.0.0"]);
    await expect(resolve({ a: { "1.0.0": { a: "^2" } } }, "a")).rejects.toMatchObject({
      code: "dependency.unresolvable",
    });
  });

  it("keeps locked versions where they fit, and leaves them where they do not", async () => {
    const world = { app: { "1.0.0": { lib: "^1.1" } }, lib: { "1.0.0": {}, "1.1.0": {}, "1.2.0": {} } };
    const versionFor = async (version: string): Promise<string | undefined> => {
      const options = { roots: [{ id: "app" }], candidates: provider(world).candidates };
      const chosen = await resolveDependencies({ ...options, locked: [{ id: "LIB", publisher: "p1", version }] });
      return chosen[0]?.version;
    };
    expect(await versionFor("1.1.0")).toBe("1.1.0");
    expect(await versionFor("1.0.0")).toBe("1.2.0");
    expect(await versionFor("9.9.9")).toBe("1.2.0");
  });

  it("asks once for each reference, and compares ids without case", async () => {
    const { asked, candidates } = provider({
      app: { "1.0.0": { Lib: "*", other: "*" } },
      other: { "1.0.0": { lib: "^1" } },
      lib: { "1.0.0": {} },
    });
    const chosen = await resolveDependencies({ roots: [{ id: "App" }], candidates });
    expect(chosen).toHaveLength(3);
    expect(asked).toEqual(["/App", "/Lib", "/other"]);
  });

  it("takes a named publisher's releases only", async () => {
    const world = { app: { "1.0.0": { "p2/lib": "*" } }, lib: { "1.0.0": {} } };
    await expect(resolve(world, "app")).rejects.toMatchObject({ code: "dependency.unresolvable" });
    expect(await resolve({ ...world, app: { "1.0.0": { "p1/lib": "*" } } }, "app")).toEqual(["lib@1.0.0", "app@1.0.0"]);
  });

  it("passes over versions that want another ggen, and says so when there is no other", async () => {
    const candidates = (compat: readonly string[]) => () =>
      Promise.resolve(
        compat.map((ggenCompat, at) => ({
          id: "app",
          publisher: "p",
          version: `1.${at}.0`,
          dependencies: {},
          ggenCompat,
        })),
      );
    const roots = [{ id: "app" }];
    expect((await resolveDependencies({ roots, candidates: candidates([">=2.4.0", ">=99"]) }))[0]?.version).toBe(
      "1.0.0",
    );
    await expect(resolveDependencies({ roots, candidates: candidates([">=99"]) })).rejects.toMatchObject({
      code: "package.incompatible",
      expected: "ggen >=99",
    });
  });

  it("passes on what its provider throws", async () => {
    const candidates = (): Promise<readonly Candidate[]> => Promise.reject(new Error("ambiguous"));
    await expect(resolveDependencies({ roots: [{ id: "a" }], candidates })).rejects.toThrow("ambiguous");
  });
});

describe("a hostile graph", () => {
  it("that never ends is given up", async () => {
    const candidates = ({ id }: DependencyRef): Promise<readonly Candidate[]> =>
      Promise.resolve([
        { id, publisher: "p", version: "1.0.0", dependencies: { [`x${Number(id.slice(1)) + 1}`]: "*" } },
      ]);
    await expect(resolveDependencies({ roots: [{ id: "x0" }], candidates })).rejects.toMatchObject({
      code: "dependency.unresolvable",
      expected: "a solution within 1000 packages",
    });
  });

  it("with exponentially many combinations is given up, and names its first conflict", async () => {
    const versions = Array.from({ length: 10 }, (_, minor) => `1.${minor}.0`);
    const layer = (next: Record<string, string>) => Object.fromEntries(versions.map((version) => [version, next]));
    const names = Array.from({ length: 10 }, (_, at) => `n${at}`);
    const world: Record<string, Record<string, Record<string, string>>> = {
      app: { "1.0.0": { ...Object.fromEntries(names.map((name) => [name, "*"])), last: "*" } },
      last: { "1.0.0": { impossible: ">=2" } },
      impossible: { "1.0.0": {} },
    };
    for (const name of names) world[name] = layer({});
    const attempt = resolve(world, "app");
    await expect(attempt).rejects.toMatchObject({ code: "dependency.unresolvable" });
    await expect(attempt).rejects.toThrow(/within 10000 steps; the first conflict was: .*impossible/);
  });

  it("can be cancelled", async () => {
    const options = { roots: [{ id: "a" }], candidates: provider({}).candidates, signal: AbortSignal.abort() };
    await expect(resolveDependencies(options)).rejects.toMatchObject({ code: "aborted" });
  });

  it("of any shape gives a solution in which every range is satisfied, or an error of ours", async () => {
    const id = fc.constantFrom("a", "b", "c", "d", "e");
    const range = fc.constantFrom("*", "^1", "^2", ">=1.1.0", "<2", "not a range");
    const version = fc.constantFrom("1.0.0", "1.1.0", "2.0.0", "2.1.0-rc.1");
    const world = fc.dictionary(id, fc.dictionary(version, fc.dictionary(id, range, { maxKeys: 3 }), { maxKeys: 4 }));
    await fc.assert(
      fc.asyncProperty(world, id, async (packages, root) => {
        const chosen = await resolveDependencies({
          roots: [{ id: root }],
          candidates: provider(packages).candidates,
        }).catch((error: unknown) => {
          if (!isGgenError(error)) throw error;
          return [];
        });
        const byId = new Map(chosen.map((one) => [one.id, one.version]));
        const broken = chosen.flatMap(({ dependencies }) =>
          Object.entries(dependencies).filter(([name, wanted]) => !satisfies(byId.get(name) ?? "0.0.0-none", wanted)),
        );
        expect(broken).toEqual([]);
        expect(byId.size).toBe(chosen.length);
      }),
      { numRuns: 300 },
    );
  });
});
