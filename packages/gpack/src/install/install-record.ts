import { GgenError, isPackageId, isVersion, type PublisherId } from "@ggen/p2p-types";

import type { ExtractedFile } from "../archive/extract-archive.ts";
import { maxFiles, pathProblem } from "../archive/path-rules.ts";

/** What is kept about an installed package, beside its tree. */
export interface InstallRecord {
  readonly id: string;
  /** Name as in the manifest. */
  readonly name: string;
  readonly version: string;
  readonly publisher: PublisherId;
  readonly cid: string;
  /** `sha256:` + 64 hexadecimal digits over the archive. */
  readonly checksum: string;
  /** Bytes of the archive. */
  readonly size: number;
  /** Ids of its direct dependencies. */
  readonly dependencies: readonly string[];
  /** Seconds since 1970, by the clock of whoever installed it. */
  readonly installedAt: number;
}

/** The record with the files of the tree. */
export interface StoredRecord {
  readonly record: InstallRecord;
  readonly files: readonly ExtractedFile[];
}

/** Largest stored record in bytes; checked before it is parsed. */
export const maxRecordBytes: number = 64 << 20;

const schema = 1;

/** The stored form. */
export function formatStoredRecord(stored: StoredRecord): string {
  return `${JSON.stringify({ schema, ...stored })}\n`;
}

/**
 * Reads the stored form.
 * @throws GgenError `storage.corrupt`
 */
export function parseStoredRecord(text: string, path: string): StoredRecord {
  const corrupt = (expected: string): GgenError =>
    new GgenError("storage.corrupt", `The record of an installed package is damaged: ${path}`, {
      expected,
      hint: "Install the package again with --force.",
    });
  const value = parseJson(text);
  if (!isObject(value) || value["schema"] !== schema) throw corrupt(`JSON with schema ${schema}`);
  const { record, files } = value;
  if (!isObject(record) || !isRecord(record)) throw corrupt("a record of an install");
  if (!Array.isArray(files) || files.length > maxFiles || !files.every((file) => isFile(file))) {
    throw corrupt("a list of files");
  }
  return { record, files };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecord(value: Record<string, unknown>): value is Record<string, unknown> & InstallRecord {
  const { id, name, version, publisher, cid, checksum, size, dependencies, installedAt } = value;
  return (
    typeof id === "string" &&
    isPackageId(id) &&
    typeof name === "string" &&
    typeof version === "string" &&
    isVersion(version) &&
    typeof publisher === "string" &&
    typeof cid === "string" &&
    typeof checksum === "string" &&
    /^sha256:[0-9a-f]{64}$/.test(checksum) &&
    isCount(size) &&
    isCount(installedAt) &&
    Array.isArray(dependencies) &&
    dependencies.every((dependency) => typeof dependency === "string" && isPackageId(dependency))
  );
}

function isFile(value: unknown): value is ExtractedFile {
  return (
    isObject(value) &&
    typeof value["path"] === "string" &&
    pathProblem(value["path"]) === undefined &&
    isCount(value["size"]) &&
    typeof value["executable"] === "boolean" &&
    typeof value["sha256"] === "string"
  );
}

function isCount(value: unknown): value is number {
  // JSON has a zero below zero, too, which is written as the other one.
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}
