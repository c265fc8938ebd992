import { readdir, readFile } from "node:fs/promises";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../process/run-command.ts";
import type { Member } from "../process/workspace.ts";

/** A packed member, or why it could not be packed. */
export interface PackedMember {
  readonly member: Member;
  /** Absolute path; undefined when packing failed. */
  readonly tarball: string | undefined;
  /** Whether its published exports name types, so that its users' compilers see it. */
  readonly hasTypes: boolean;
  readonly output: string;
}

/** Packs a built member as `pnpm publish` would, with `publishConfig` applied and workspace ranges written out. */
export async function packMember(member: Member, parent: string, signal?: AbortSignal): Promise<PackedMember> {
  const directory = join(parent, member.folder.replaceAll("/", "-"));
  await mkdir(directory, { recursive: true });
  const { code, output } = await runCommand("pnpm", ["pack", "--pack-destination", directory], {
    cwd: member.directory,
    signal,
  });
  const manifest = await readFile(join(member.directory, "package.json"), "utf8");
  const file = (await readdir(directory)).find((name) => name.endsWith(".tgz"));
  const tarball = code === 0 && file !== undefined ? join(directory, file) : undefined;
  return { member, tarball, hasTypes: manifest.includes('"types":'), output };
}
