import { validateArchive } from "@ggen/p2p-gpack";
import { GgenError, type Package } from "@ggen/p2p-types";

import { fetchContent } from "../install/fetch.ts";
import type { Parts } from "../parts.ts";

const bytesPerMb = 1_000_000;

/**
 * Fetches the content of a release for others: its hash is that of the signed record, and it is a package, not anything
 * that somebody wants stored for nothing.
 * @returns bytes that came from peers
 * @throws GgenError `package.no-providers`, `archive.invalid`, `content.mismatch`, `storage.*`, `aborted`
 */
export async function fetchCopy(
  parts: Parameters<typeof fetchContent>[0] & Pick<Parts, "contents" | "config">,
  release: Package,
  signal: AbortSignal,
): Promise<number> {
  const validate = (content: AsyncIterable<Uint8Array>): Promise<unknown> =>
    validateArchive(content, { size: release.size, maxBytes: parts.config.cache.maxPackageMb * bytesPerMb });
  const { checked, peers } = await fetchContent(parts, release, { signal }, validate);
  const content = parts.contents.stat(release.cid)?.content;
  if (content?.size !== release.size || `sha256:${content.sha256}` !== release.checksum) {
    throw new GgenError("content.mismatch", `The archive of ${release.id}@${release.version} is not the one signed`, {
      expected: `${release.size} bytes with ${release.checksum}`,
      got: content === undefined ? "nothing" : `${content.size} bytes with sha256:${content.sha256}`,
    });
  }
  if (!checked) await validate(parts.contents.read(release.cid, undefined, signal));
  return peers.reduce((sum, { bytes }) => sum + bytes, 0);
}
