import { createHash } from "node:crypto";
import { basename } from "node:path";

import {
  lintPackage,
  packDirectory,
  type PackageManifest,
  packFiles,
  type PackedArchive,
  readManifest,
} from "@ggen/p2p-gpack";
import {
  type CallOptions,
  GgenError,
  isVersion,
  type Package,
  type PackageDraft,
  type PublishParams,
  type PublishResult,
  type ReleaseOperation,
  sealOperation,
  type SignedOperation,
  toGgenError,
} from "@ggen/p2p-types";

import type { OwnKey } from "../keys/keystore.ts";
import type { Parts } from "../parts.ts";
import type { Announcer, AnnounceReport } from "./announcer.ts";
import { draftFiles, draftManifest } from "./draft.ts";
import { appendOwn, createPublisher, findOwnKey, nextOperation, releasesOf, trustOwn } from "./publisher-identity.ts";
import { bytesPerMb } from "../units.ts";

/** What is about to be published. */
interface Prepared {
  readonly source: PackageManifest;
  readonly archive: PackedArchive;
  readonly warnings: string[];
}

/**
 * Publishes a folder or a package in memory: pack, store, sign, append, announce. Atomic and idempotent: what fails
 * before the release is appended leaves nothing that anybody sees; the same content again is no new release.
 * @throws GgenError `manifest.*`, `archive.*`, `publish.immutable`, `publish.no-key`, `storage.*`
 */
export async function publishPackage(
  parts: Parts,
  announcer: Announcer,
  params: Omit<PublishParams, "path"> & { readonly source: string | PackageDraft },
  { signal, onProgress }: CallOptions = {},
): Promise<PublishResult> {
  const prepared = await prepare(parts, params, signal);
  const { source, archive } = prepared;
  const subject = `${source.id}@${source.version}`;
  const own = await findOwnKey(parts, source.id);
  if (params.dryRun === true) return dryRunResult(prepared, own?.publisher ?? "");

  const released =
    own === undefined
      ? undefined
      : releasesOf(parts.catalog, source.id, own.publisher).find(({ version }) => version === source.version);
  // Looked at before anything is stored, so that a refusal leaves nothing; the folder may still change below.
  const sha256 = released === undefined ? undefined : await hashArchive(archive, signal);
  if (released !== undefined && sha256 !== undefined && released.checksum !== `sha256:${sha256}`) {
    throw otherContent(subject, released, sha256);
  }

  let done = 0;
  const counted = async function* (): AsyncIterable<Uint8Array> {
    for await (const piece of archive.read(signal)) {
      done += piece.byteLength;
      onProgress?.({ step: "pack", subject, done, total: archive.size, unit: "bytes" });
      yield piece;
    }
  };
  const content = await parts.contents.add(counted(), signal, "own");

  if (released !== undefined && released.checksum !== `sha256:${content.sha256}`) {
    await unpinUnlessReleased(parts, released.publisher, source, content.cid);
    throw otherContent(subject, released, content.sha256);
  }
  const { publisher, operation, recoveryWords } =
    released === undefined ? await release(parts, own, source, content) : { ...released, recoveryWords: undefined };
  const { replicas = 0 } = params;
  const announce = async (): Promise<AnnounceReport> => {
    // Each time: a power cut may have come between making the publisher and trusting it.
    trustOwn(parts, publisher);
    onProgress?.({ step: "announce", subject });
    const options = { signal, replicas, ...(onProgress === undefined ? {} : { onProgress }) };
    return await announcer.announce(operation, options);
  };
  const announced = await announce().catch((error: unknown): AnnounceReport => {
    // The release is there, and the words of its publisher are told now or never.
    if (recoveryWords === undefined) throw error;
    prepared.warnings.push(`${subject} is published and could not be announced: ${toGgenError(error).message}`);
    return { announced: false, recipients: 0, provided: false, heldBy: [] };
  });
  const missing = replicas - announced.heldBy.length;
  return {
    id: source.id,
    version: source.version,
    publisher,
    cid: content.cid,
    checksum: `sha256:${content.sha256}`,
    size: content.size,
    files: archive.files,
    dryRun: false,
    created: released === undefined,
    ...announced,
    warnings: missing > 0 ? [...prepared.warnings, fewerReplicas(replicas, announced)] : prepared.warnings,
    ...(recoveryWords === undefined ? {} : { recoveryWords }),
  };
}

function fewerReplicas(wanted: number, { heldBy }: AnnounceReport): string {
  return `${heldBy.length} of ${wanted} replicas: no more peers of other networks proved that they hold it; the node goes on looking for them while it runs`;
}

async function prepare(
  parts: Parts,
  params: Omit<PublishParams, "path"> & { readonly source: string | PackageDraft },
  signal: AbortSignal | undefined,
): Promise<Prepared> {
  const maxBytes = parts.config.cache.maxPackageMb * bytesPerMb;
  const fromFolder = typeof params.source === "string";
  const read = fromFolder ? await readManifest(params.source) : draftManifest(params.source);
  const source = params.version === undefined ? read : { ...read, version: checkVersion(params.version) };
  const archive = fromFolder
    ? await packDirectory(params.source, { maxBytes, ...(signal === undefined ? {} : { signal }) })
    : packFiles(draftFiles(params.source, read), { maxBytes });
  if (params.skipVerify === true) return { source, archive, warnings: [] };
  const { errors, warnings } = lintPackage(source, archive.files);
  if (errors.length > 0) {
    throw new GgenError(
      "manifest.invalid",
      `${fromFolder ? basename(params.source) : source.id}: ${errors.join("; ")}`,
      {
        expected: "a package that passes the pre-flight lint",
        hint: "Correct the package, or publish it as it is with --skip-verify.",
      },
    );
  }
  return { source, archive, warnings: [...warnings] };
}

function checkVersion(version: string): string {
  if (isVersion(version)) return version;
  throw new GgenError("version.invalid", `"${version.slice(0, 120)}" is not a version`, {
    expected: "semver without build metadata, e.g. 1.2.3",
    got: JSON.stringify(version.slice(0, 120)),
  });
}

async function hashArchive(archive: PackedArchive, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of archive.read(signal)) hash.update(piece);
  return hash.digest("hex");
}

function otherContent(subject: string, released: Package, sha256: string): GgenError {
  return new GgenError("publish.immutable", `${subject} was already published with other content`, {
    expected: released.checksum,
    got: `sha256:${sha256}`,
  });
}

async function unpinUnlessReleased(
  parts: Parts,
  publisher: string,
  source: PackageManifest,
  cid: string,
): Promise<void> {
  const released = releasesOf(parts.catalog, source.id, publisher);
  if (!released.some((known) => known.cid === cid)) await parts.contents.unpin(cid, "own");
}

/** What became of a release that was signed and stored. */
interface Released {
  readonly publisher: string;
  readonly operation: string;
  /** Of the publisher that was made for it. */
  readonly recoveryWords: string | undefined;
}

/** Signs and stores a release; one step with the publisher where the home has none. */
async function release(
  parts: Parts,
  own: OwnKey | undefined,
  source: PackageManifest,
  content: ReleaseOperation["content"],
): Promise<Released> {
  let operation = "";
  const sign = (by: OwnKey): SignedOperation => {
    const { id, version, manifest } = source;
    const unsigned = { ...nextOperation(parts, by), type: "release", id, version, manifest, content } as const;
    const signed = sealOperation(unsigned, [by.signer]);
    operation = signed.id;
    return signed;
  };
  if (own === undefined) {
    const made = await createPublisher(parts, "first key", {}, sign);
    return { publisher: made.own.publisher, operation, recoveryWords: made.recoveryWords };
  }
  await appendOwn(parts, [sign(own)]);
  return { publisher: own.publisher, operation, recoveryWords: undefined };
}

function dryRunResult({ source, archive, warnings }: Prepared, publisher: string): PublishResult {
  return {
    id: source.id,
    version: source.version,
    publisher,
    cid: "",
    checksum: "",
    size: archive.size,
    files: archive.files,
    dryRun: true,
    created: false,
    announced: false,
    recipients: 0,
    provided: false,
    heldBy: [],
    warnings,
  };
}
