import { GgenError, type Package, parseRef, sealOperation } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import type { Announcer } from "./announcer.ts";
import { appendOwn, findOwnKey, nextOperation, releasesOf } from "./publisher-identity.ts";

/** Characters of a reason, as a record holds it. */
const maxReason = 500;

/**
 * Withdraws a version of our own, or takes that back.
 * @param params - `ref` names one version exactly
 * @throws GgenError `usage.invalid` for a reason of over 500 characters, `ref.invalid`, `package.version-not-found`, `publish.no-key`
 */
export async function setYanked(
  parts: Parts,
  announcer: Announcer,
  params: { readonly ref: string; readonly reason: string; readonly yanked: boolean },
): Promise<Package> {
  if (params.reason.length > maxReason) {
    throw new GgenError("usage.invalid", "The reason is too long", {
      expected: `at most ${maxReason} characters`,
      got: `${params.reason.length}`,
    });
  }
  const ref = parseRef(params.ref);
  const own = await findOwnKey(parts, ref.id);
  const mine = own === undefined ? [] : releasesOf(parts.catalog, ref.id, own.publisher);
  const release = mine.find(({ version }) => version === ref.range);
  if (own === undefined || release === undefined) {
    throw new GgenError("package.version-not-found", `This home's publisher has no release ${params.ref}`, {
      expected: "ID@VERSION of a release of your own",
      got: mine.map(({ version }) => version).join(", ") || "none",
    });
  }
  if ((release.yanked !== undefined) === params.yanked) return release;
  const link = { ...nextOperation(parts, own), id: release.id, version: release.version };
  const signed = sealOperation(
    params.yanked ? { ...link, type: "yank", reason: params.reason } : { ...link, type: "unyank" },
    [own.signer],
  );
  await appendOwn(parts, [signed]);
  await announcer.announce(signed.id, { signal: undefined, replicas: 0 });
  return parts.catalog.release(release.operation) ?? release;
}
