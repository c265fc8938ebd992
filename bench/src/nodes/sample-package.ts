import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a package for a benchmark is. */
export interface SamplePackage {
  readonly id: string;
  readonly version?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Random bytes beside the manifest, so that nothing compresses and no two packages share content. */
  readonly bytes: number;
}

const bytesPerFile = 4_000_000;

/** A folder that is removed at the end of the scenario. */
export async function withScratch<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), "ggen-bench-"));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Writes a package into a folder of its own below `parent` and returns its absolute path. */
export async function writePackage(parent: string, sample: SamplePackage): Promise<string> {
  const version = sample.version ?? "1.0.0";
  const folder = join(parent, `${sample.id}-${version}`);
  await mkdir(join(folder, "data"), { recursive: true });
  const fields = {
    id: sample.id,
    name: sample.id.replaceAll(/[.-]/g, " "),
    version,
    description: sample.description ?? "A package of the benchmark",
    license: "MIT",
    ggen_compat: ">=2.4.0",
  };
  const lines = Object.entries(fields).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  await writeFile(
    join(folder, "gpack.toml"),
    `[gpack]\n${lines.join("\n")}\ntags = ${JSON.stringify(sample.tags ?? [])}\n`,
  );
  for (let index = 0, left = sample.bytes; left > 0; index += 1, left -= bytesPerFile) {
    await writeFile(join(folder, "data", `${index}.bin`), randomBytes(Math.min(left, bytesPerFile)));
  }
  return folder;
}
