import { createHome, ggen, homeEnvironment, type NodeProcess, startNode, treeFiles } from "@ggen/testkit";
import { beforeAll, describe, expect, it, vi } from "vitest";

import { answerOf, type Installed, refusalOf, type SearchRow } from "./support/catalogue.ts";
import { expectedTree } from "./support/package-tree.ts";
import { writePackage } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";
import { commandPath, runScript } from "./support/shell.ts";
import { startWeakened } from "./attacks/support/weakened.ts";

const id = "io.example.claimed";

/** A node with a publisher of its own that claims the id. */
interface Claim {
  readonly folder: string;
  readonly publisher: string;
  readonly version: string;
}

let first: Claim;
let second: Claim;
let user: NodeProcess;
/** Takes the highest version, whosever it is. */
let weak: NodeProcess;

async function claim(version: string, content: string): Promise<Claim & { readonly node: NodeProcess }> {
  const node = await startNode({ home: createHome() });
  const folder = writePackage(emptyFolder(), id, { version, files: { "whose.txt": content } });
  const { publisher } = await answerOf<{ publisher: string }>(node.home, ["marketplace", "publish", folder]);
  return { node, folder, publisher, version };
}

beforeAll(async () => {
  const claims = [await claim("1.0.0", "the first one's\n"), await claim("2.0.0", "the second one's\n")] as const;
  [first, second] = claims;
  const args = claims.flatMap(({ node }) => ["--bootstrap", node.addresses[0] ?? ""]);
  [user, weak] = await Promise.all([startNode({ home: createHome(), args }), startWeakened("any-claimant", args)]);
  for (const { home } of [user, weak]) {
    await vi.waitUntil(
      async () => {
        const { results } = await answerOf<{ results: SearchRow[] }>(home, ["marketplace", "search", id]);
        return results[0]?.claimants.length === 2;
      },
      { timeout: 30_000 },
    );
  }
});

/** A project of its own: choices are remembered in it, and not beside it. */
const project = (): string => writePackage(emptyFolder(), "io.example.project");
const installed = (cwd: string): Promise<Record<string, string>> => treeFiles(`${cwd}/.ggen/packages/${id}`);

describe("an id that two publishers claim", () => {
  it("is not installed: both are listed, with the command that chooses each", async () => {
    // The harm: whoever says the higher number is installed, and nobody is asked.
    const harmed = project();
    await answerOf(weak.home, ["marketplace", "install", id], { cwd: harmed });
    expect(await installed(harmed)).toEqual(await expectedTree(second.folder));
    await weak.stop();

    const cwd = project();
    const refusal = await refusalOf(user.home, ["marketplace", "install", id], { cwd });
    expect(refusal).toMatchObject({ code: "package.ambiguous", exit: 5 });
    const commands = [first, second].map(({ publisher }) => `ggen marketplace install ${publisher}/${id}`);
    for (const command of commands) expect(refusal.hint).toContain(command);
    for (const { publisher, version } of [first, second]) expect(refusal.got).toContain(`${publisher} (${version})`);
    expect(await treeFiles(cwd)).toEqual(await expectedTree(cwd));

    const { code, stdout, stderr } = await ggen(user.home, ["marketplace", "install", id], { cwd });
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    for (const command of commands) expect(stderr).toContain(command);
  });

  it("each printed command works as it is printed", async () => {
    const { stderr } = await ggen(user.home, ["marketplace", "install", id], { cwd: project() });
    const commands = stderr.match(/^ *ggen marketplace install \S+$/gm) ?? [];
    expect(commands).toHaveLength(2);
    const trees = [];
    for (const command of commands) {
      const cwd = project();
      const env = homeEnvironment(user.home, { PATH: commandPath(emptyFolder()) });
      expect(await runScript(command.trim(), env, { cwd })).toMatchObject({ code: 0 });
      trees.push(await installed(cwd));
    }
    expect(trees).toEqual(
      expect.arrayContaining([await expectedTree(first.folder), await expectedTree(second.folder)]),
    );
  });

  it.for([
    ["PUBLISHER/ID", (publisher: string) => [`${publisher}/${id}`]],
    ["a prefix of 8 characters", (publisher: string) => [`${publisher.slice(0, 8)}/${id}`]],
    ["--publisher", (publisher: string) => [id, "--publisher", publisher]],
    ["--publisher with a prefix", (publisher: string) => [id, "--publisher", publisher.slice(0, 8)]],
  ] as const)("%s chooses", async ([, args]) => {
    for (const claimant of [first, second]) {
      const cwd = project();
      const { packages } = await answerOf<Installed>(
        user.home,
        ["marketplace", "install", ...args(claimant.publisher)],
        { cwd },
      );
      expect(packages).toMatchObject([{ id, publisher: claimant.publisher, version: claimant.version }]);
      expect(await installed(cwd)).toEqual(await expectedTree(claimant.folder));
    }
  });

  it("a publisher who does not claim it is refused, with those who do", async () => {
    const stranger = "ggen1".padEnd(first.publisher.length, "a");
    const refusal = await refusalOf(user.home, ["marketplace", "install", `${stranger}/${id}`], { cwd: project() });
    expect(refusal).toMatchObject({ code: "package.not-found", exit: 4 });
    for (const { publisher } of [first, second]) expect(refusal.got).toContain(publisher);
  });
});
