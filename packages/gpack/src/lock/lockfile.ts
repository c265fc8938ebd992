import { GgenError, isPackageId, isPublisherId, isVersion, type PublisherId } from "@ggen/p2p-types";

import { describe, isTable } from "../manifest/field-reader.ts";
import { parseToml } from "../manifest/toml.ts";

/** Name of the lockfile at a project's root. */
export const lockfileName = "ggen.lock";

/** Largest lockfile in bytes; checked before it is parsed. */
export const maxLockfileBytes: number = 4 << 20;

/** One package that is pinned. */
export interface LockedPackage {
  readonly id: string;
  readonly publisher: PublisherId;
  readonly version: string;
  /** CIDv1 of the canonical archive. */
  readonly cid: string;
  /** `sha256:` + 64 hexadecimal digits over the archive. */
  readonly checksum: string;
  /** Ids of its direct dependencies. */
  readonly dependencies: readonly string[];
}

/** What `ggen.lock` says. */
export interface Lockfile {
  /** Version of the format. */
  readonly version: 1;
  /** One for each id, sorted by id without case. */
  readonly packages: readonly LockedPackage[];
}

const header = "# Written by ggen: the exact packages of this project. Keep it in version control, do not edit it.\n";
const maxPackages = 10_000;
const maxDependencies = 1000;
// 36 bytes: version, codec, hash function, length, digest; in base32 without padding.
const cidPattern = /^b[a-z2-7]{58}$/;
const fieldNames = new Set(["id", "publisher", "version", "cid", "checksum", "dependencies"]);

/**
 * The text of a lockfile: the same for the same content, whatever the order of the packages given.
 * @throws GgenError `lockfile.invalid` when a field is not valid or an id is there twice
 */
export function formatLockfile(lock: Lockfile): string {
  const packages = checkPackages(lock.packages, lockfileName);
  const blocks = packages.map((entry) =>
    [
      "[[package]]",
      `id = ${quote(entry.id)}`,
      `publisher = ${quote(entry.publisher)}`,
      `version = ${quote(entry.version)}`,
      `cid = ${quote(entry.cid)}`,
      `checksum = ${quote(entry.checksum)}`,
      `dependencies = [${entry.dependencies.map(quote).join(", ")}]`,
      "",
    ].join("\n"),
  );
  return [`${header}version = ${lock.version}\n`, ...blocks].join("\n");
}

/**
 * Parses the text of a lockfile.
 * @param fileName - for messages
 * @throws GgenError `lockfile.invalid`
 */
export function parseLockfile(text: string, fileName: string = lockfileName): Lockfile {
  const document = parseToml(text, fileName, "lockfile.invalid", maxLockfileBytes);
  if (document["version"] !== 1) {
    const newer = typeof document["version"] === "number" && document["version"] > 1;
    throw new GgenError("lockfile.invalid", `${fileName}: version is not valid`, {
      expected: "1",
      got: describe(document["version"]),
      ...(newer && { hint: "It was written by a newer ggen: use that version." }),
      data: { file: fileName, field: "version" },
    });
  }
  const packages = document["package"] ?? [];
  if (!Array.isArray(packages)) throw invalid(fileName, "package", "a list of [[package]]", describe(packages));
  const unknown = Object.keys(document).find((name) => name !== "version" && name !== "package");
  if (unknown !== undefined) throw invalid(fileName, unknown, "version and [[package]] only", "a field of this name");
  return { version: 1, packages: checkPackages(packages, fileName) };
}

// Every field is one of a few characters that need no escape in TOML.
function quote(text: string): string {
  return `"${text}"`;
}

function invalid(file: string, field: string, expected: string, got: string): GgenError {
  return new GgenError("lockfile.invalid", `${file}: ${field} is not valid: expected ${expected}, got ${got}`, {
    expected,
    got,
    data: { file, field },
  });
}

function checkPackages(values: readonly unknown[], file: string): readonly LockedPackage[] {
  if (values.length > maxPackages) throw invalid(file, "package", `at most ${maxPackages}`, `${values.length}`);
  const packages = values.map((value, index) => checkPackage(value, `package ${index + 1}`, file));
  const sorted = packages.sort((a, b) => compareIds(a.id, b.id));
  const twice = sorted.find((entry, index) => index > 0 && compareIds(entry.id, sorted[index - 1]?.id ?? "") === 0);
  if (twice !== undefined) throw invalid(file, `package ${twice.id}`, "each id once", "it twice");
  return sorted;
}

function compareIds(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

function checkPackage(value: unknown, at: string, file: string): LockedPackage {
  if (!isTable(value)) throw invalid(file, at, "a table", describe(value));
  const text = (field: string, expected: string, isValid: (text: string) => boolean): string => {
    const found: unknown = Object.hasOwn(value, field) ? value[field] : undefined;
    if (typeof found !== "string" || !isValid(found)) throw invalid(file, `${at} ${field}`, expected, describe(found));
    return found;
  };
  const unknown = Object.keys(value).find((name) => !fieldNames.has(name));
  if (unknown !== undefined) throw invalid(file, `${at} ${unknown}`, "no such field", "it");
  const dependencies: unknown = value["dependencies"];
  if (!Array.isArray(dependencies) || dependencies.length > maxDependencies) {
    throw invalid(file, `${at} dependencies`, `a list of at most ${maxDependencies} ids`, describe(dependencies));
  }
  return {
    id: text("id", "a package id", isPackageId),
    publisher: text("publisher", "a publisher id (ggen1…)", isPublisherId),
    version: text("version", "a semver version", isVersion),
    cid: text("cid", "a CIDv1 in base32", (cid) => cidPattern.test(cid)),
    checksum: text("checksum", "sha256: and 64 hexadecimal digits", (sum) => /^sha256:[0-9a-f]{64}$/.test(sum)),
    dependencies: [...new Set(dependencies.map((id) => checkId(id, at, file)))].sort(compareIds),
  };
}

function checkId(id: unknown, at: string, file: string): string {
  if (typeof id !== "string" || !isPackageId(id)) {
    throw invalid(file, `${at} dependencies`, "package ids", describe(id));
  }
  return id;
}
