import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildWorkspace } from "../../process/build.ts";
import { runCommand } from "../../process/run-command.ts";
import type { CommandResult } from "../../process/run-command.ts";
import { listMembers, root } from "../../process/workspace.ts";
import { packMember } from "../pack.ts";
import type { PackedMember } from "../pack.ts";

const publishable = listMembers().filter((member) => member.publishable);
const libraries = publishable.filter((member) => member.name.startsWith("@ggen/p2p-"));
// The versions that the workspace compiles against: a consumer's compiler must accept what is published.
const tsc = join(root, "node_modules", ".bin", "tsc");

let scratch = "";
let project = "";
let packed: readonly PackedMember[] = [];

function environment(prefix: string): NodeJS.ProcessEnv {
  return { ...process.env, npm_config_prefix: prefix, npm_config_audit: "false", npm_config_fund: "false" };
}

/** What a command said when it failed; nothing when it did not. */
function complaint({ code, output }: CommandResult): string {
  return code === 0 ? "" : `exit status ${code}\n${output}`;
}

function tarballs(names: readonly string[]): string[] {
  return packed.filter(({ member }) => names.includes(member.name)).map(({ tarball }) => tarball ?? "");
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "ggen-consumer-"));
  project = join(scratch, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  if (!(await buildWorkspace())) throw new Error("the build failed");
  packed = await Promise.all(publishable.map((member) => packMember(member, scratch)));
});

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

describe("the published packages", () => {
  it("pack", () => {
    expect(packed.filter(({ tarball }) => tarball === undefined).map(({ output }) => output)).toEqual([]);
    expect(libraries.map((member) => member.version)).toEqual(libraries.map(() => "2.4.0"));
  });

  it("install together in an empty project outside of the workspace", async () => {
    const installed = await runCommand(
      "npm",
      ["install", ...tarballs(libraries.map((member) => member.name)), "@types/node@24"],
      {
        cwd: project,
        env: environment(join(scratch, "prefix")),
      },
    );
    expect(complaint(installed)).toBe("");
  }, 240_000);

  it.each(libraries.map((member) => member.name))("%s imports by its name", async (name) => {
    const script = `const m = await import(${JSON.stringify(name)}); console.log(Object.keys(m).length)`;
    const imported = await runCommand(process.execPath, ["--input-type=module", "-e", script], { cwd: project });
    expect(complaint(imported)).toBe("");
    expect(Number(imported.stdout)).toBeGreaterThan(0);
  });

  it("give their types to a consumer's compiler", async () => {
    const imports = libraries.map((member, index) => `import * as m${index} from ${JSON.stringify(member.name)};`);
    const uses = libraries.map((_, index) => `m${index}`);
    // The compiler must object to this line: when a package's types resolve to `any`, it does not, and the directive,
    // which is written into the consumer and not used, is the error that fails this test.
    const wrong = `// @ts-expect-error there is no such export\nm0.thereIsNoSuchExport;`;
    await writeFile(
      join(project, "consumer.ts"),
      `${imports.join("\n")}\n${wrong}\nexport const all = [${uses.join(", ")}];\n`,
    );
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2024", "--types", "node"];
    const compiled = await runCommand(tsc, [...options, "consumer.ts"], { cwd: project });
    expect(complaint(compiled)).toBe("");
  });
});

describe("the published CLI", () => {
  it("installs as a global `ggen`", async () => {
    const prefix = join(scratch, "global");
    const installed = await runCommand("npm", ["install", "--global", ...tarballs(["ggen"])], {
      cwd: scratch,
      env: environment(prefix),
    });
    expect(complaint(installed)).toBe("");
    const version = await runCommand(join(prefix, "bin", "ggen"), ["--version"], { cwd: scratch });
    expect(version.stdout).toBe("ggen 2.4.0\n");
  }, 240_000);
});
