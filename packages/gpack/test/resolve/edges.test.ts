import { familyVersion } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { type Candidate, type DependencyRef, resolveDependencies, type RootRequirement } from "../../src/index.ts";
import { createBudget } from "../../src/resolve/budget.ts";

const release = (name: string, dependencies: Readonly<Record<string, string>> = {}, ggenCompat?: string): Candidate => {
  const [, publisher = "p1", id = "", version = ""] = /^(?:(\w+)\/)?([\w-]+)@(.+)$/.exec(name) ?? [];
  return { id, publisher, version, dependencies, ...(ggenCompat !== undefined && { ggenCompat }) };
};

/** Resolves `[publisher/]id range` over some releases; an id without a publisher stands for all of its publishers. */
async function resolve(
  roots: readonly string[],
  releases: readonly Candidate[],
  maxSteps?: number,
): Promise<readonly string[]> {
  const chosen = await resolveDependencies({
    roots: roots.map((root): RootRequirement => {
      const [, publisher, id = "", range] = /^(?:(\w+)\/)?(\S+)(?: (.+))?$/.exec(root) ?? [];
      return { id, ...(publisher !== undefined && { publisher }), ...(range !== undefined && { range }) };
    }),
    candidates: (ref: DependencyRef) =>
      Promise.resolve(
        releases.filter(
          ({ id, publisher }) => id === ref.id.toLowerCase() && (ref.publisher ?? publisher) === publisher,
        ),
      ),
    ...(maxSteps !== undefined && { maxSteps }),
  });
  return chosen.map(({ publisher, id, version }) => `${publisher}/${id}@${version}`);
}

describe("what is chosen", () => {
  it("does not depend on the order in which publishers or dependencies are named", async () => {
    const [one, two] = [release("p1/lib@1.0.0"), release("p2/lib@1.0.0")];
    for (const both of [
      [one, two],
      [two, one],
    ]) {
      expect(await resolve(["lib"], both)).toEqual(["p1/lib@1.0.0"]);
    }
    for (const dependencies of [
      { a: "*", b: "*" },
      { b: "*", a: "*" },
    ]) {
      const world = [release("app@1.0.0", dependencies), release("a@1.0.0"), release("b@1.0.0")];
      expect(await resolve(["app"], world)).toEqual(["p1/a@1.0.0", "p1/b@1.0.0", "p1/app@1.0.0"]);
    }
  });

  it("is of the publisher that was named, for each of those who named one", async () => {
    const world = [release("p1/lib@1.0.0"), release("p2/lib@1.0.0"), release("app@1.0.0", { "p2/lib": "*" })];
    expect(await resolve(["p2/lib", "p2/lib"], world)).toEqual(["p2/lib@1.0.0"]);
    await expect(resolve(["p1/lib", "app"], world)).rejects.toMatchObject({
      code: "dependency.unresolvable",
      expected: "you ask for p1/lib *; app@1.0.0 needs p2/lib *",
    });
  });

  it("is what was asked for, whatever else is offered", async () => {
    const candidates = (): Promise<readonly Candidate[]> =>
      Promise.resolve([release("other@9.0.0"), release("app@1.0.0")]);
    expect(await resolveDependencies({ roots: [{ id: "app" }], candidates })).toEqual([release("app@1.0.0")]);
  });

  it("is no release that names what cannot be understood, as dependency or as ggen", async () => {
    const dependencies = [
      release("app@1.0.0"),
      release("app@1.1.0", { "../x": "*" }),
      release("app@1.2.0", { x: "?" }),
    ];
    expect(await resolve(["app"], dependencies)).toEqual(["p1/app@1.0.0"]);
    await expect(resolve(["app"], dependencies.slice(1))).rejects.toMatchObject({ code: "dependency.unresolvable" });
    const compat = [release("app@1.0.0"), release("app@1.1.0", {}, "any of them")];
    expect(await resolve(["app"], compat)).toEqual(["p1/app@1.0.0"]);
    await expect(resolve(["app"], compat.slice(1))).rejects.toMatchObject({ code: "package.incompatible" });
  });
});

describe("a refusal", () => {
  it("names everyone who asks, also the user, and is no missing package when another asks for it as well", async () => {
    const world = [release("app@1.0.0", { gone: "*" })];
    await expect(resolve(["app", "gone ^1"], world)).rejects.toMatchObject({
      code: "dependency.unresolvable",
      expected: "you ask for gone ^1; app@1.0.0 needs gone *",
      data: {
        id: "gone",
        requirements: [
          { by: null, range: "^1" },
          { by: "app@1.0.0", range: "*" },
        ],
        versions: [],
      },
    });
  });

  it("is of the ranges when the user's own clash, or clash with what was chosen", async () => {
    const lib = [release("lib@1.0.0"), release("lib@2.0.0")];
    await expect(resolve(["lib ^1", "LIB ^2"], lib)).rejects.toMatchObject({ code: "dependency.unresolvable" });
    const world = [...lib, release("app@1.0.0", { lib: "^2", tool: "*" }), release("tool@1.0.0", { lib: "^1" })];
    await expect(resolve(["app"], world)).rejects.toMatchObject({
      code: "dependency.unresolvable",
      expected: "app@1.0.0 needs lib ^2; tool@1.0.0 needs lib ^1",
    });
    await expect(resolve(["lib"], [])).rejects.toMatchObject({ data: { requirements: [{ by: null, range: "*" }] } });
  });

  it("is of ggen's version only where nothing else is wrong", async () => {
    const newer = [release("lib@1.0.0", {}, ">=99"), release("lib@2.0.0", {}, ">=99")];
    await expect(resolve(["lib ^2"], newer)).rejects.toMatchObject({
      code: "package.incompatible",
      message: `lib@2.0.0 asks for ggen >=99, this is ${familyVersion}`,
    });
    await expect(resolve(["lib ^3"], newer)).rejects.toMatchObject({ code: "package.version-not-found" });
    await expect(resolve(["lib ^1", "lib ^2"], newer)).rejects.toMatchObject({ code: "dependency.unresolvable" });
    const world = [...newer, release("lib@1.1.0"), release("p2/lib@1.1.0")];
    await expect(resolve(["p1/lib ^1", "p2/lib ^1"], world)).rejects.toMatchObject({ code: "dependency.unresolvable" });
  });

  it("shows ten at most of those who ask and of what there is", async () => {
    const versions = Array.from({ length: 12 }, (_, minor) => release(`lib@1.${minor}.0`));
    const asking = Array.from({ length: 12 }, () => "lib ^2");
    await expect(resolve(asking, versions)).rejects.toMatchObject({
      expected: Array<string>(10).fill("you ask for lib ^2").join("; "),
      data: { requirements: { length: 10 }, versions: { length: 10 } },
    });
  });
});

describe("limits", () => {
  it("end a search after its steps and its comparisons, and let others have their turn in between", async () => {
    const budget = createBudget(60, undefined);
    let others = false;
    setImmediate(() => (others = true));
    for (let step = 1; step <= 49; step++) await budget.step();
    expect(others).toBe(false);
    await budget.step();
    expect(others).toBe(true);
    for (let step = 51; step <= 60; step++) await budget.step();
    budget.compare(5999);
    budget.compare(1);
    expect(() => budget.compare(1)).toThrow(/within 60 steps$/);
    await expect(budget.step()).rejects.toMatchObject({ code: "dependency.unresolvable" });
  });

  it("count each version once for every range that it is compared with", async () => {
    const versions = Array.from({ length: 400 }, (_, minor) => release(`lib@1.${minor}.0`));
    expect(await resolve(["lib", "lib"], versions, 10)).toEqual(["p1/lib@1.399.0"]);
    await expect(resolve(["lib", "lib", "lib"], versions, 10)).rejects.toThrow(/within 10 steps/);
  });

  it("are a thousand packages, and the thousand newest versions of each", async () => {
    const chain = (length: number): readonly Candidate[] =>
      Array.from({ length }, (_, at) => release(`x${at}@1.0.0`, at + 1 < length ? { [`x${at + 1}`]: "*" } : {}));
    expect(await resolve(["x0"], chain(1000))).toHaveLength(1000);
    await expect(resolve(["x0"], chain(1001))).rejects.toThrow(/within 1000 packages$/);
    const versions = Array.from({ length: 1001 }, (_, minor) => release(`lib@1.${minor}.0`));
    expect(await resolve(["lib 1.1.0"], versions)).toEqual(["p1/lib@1.1.0"]);
    await expect(resolve(["lib 1.0.0"], versions)).rejects.toMatchObject({ code: "package.version-not-found" });
  });
});
