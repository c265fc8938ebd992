import { validateArchive } from "@ggen/p2p-gpack";
import { type CallOptions, GgenError, type Package } from "@ggen/p2p-types";

import { bytesPerMb } from "../units.ts";
import { type ContentCheck, fetchContent, type FetchParts, type FetchReport } from "./fetch.ts";

/**
 * Makes the content of a package complete in the local store and makes sure of it before anybody uses it: its hash is
 * that of the signed record, and it is a package, not anything that somebody wants stored for nothing. The archive is
 * walked as it comes, else on the disk.
 * @throws GgenError `package.no-providers`, `archive.invalid`, `content.mismatch`, `storage.*`, `aborted`
 */
export async function fetchPackage(parts: FetchParts, release: Package, options: CallOptions): Promise<FetchReport> {
  const maxBytes = parts.config.cache.maxPackageMb * bytesPerMb;
  const validate: ContentCheck = (content) => validateArchive(content, { size: release.size, maxBytes });
  const fetched = await fetchContent(parts, release, options, validate);
  const subject = `${release.id}@${release.version}`;
  options.onProgress?.({ step: "verify", subject });
  const content = parts.contents.stat(release.cid)?.content;
  if (content?.size !== release.size || `sha256:${content.sha256}` !== release.checksum) {
    throw new GgenError("content.mismatch", `The archive of ${subject} is not the one that was signed`, {
      expected: `${release.size} bytes with ${release.checksum}`,
      got: content === undefined ? "nothing" : `${content.size} bytes with sha256:${content.sha256}`,
    });
  }
  if (!fetched.checked) await validate(parts.contents.read(release.cid, undefined, options.signal));
  return fetched;
}
