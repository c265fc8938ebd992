import type { PublisherInfo } from "@ggen/p2p-types";

import { checkNickname } from "../keys/nickname.ts";
import type { Parts } from "../parts.ts";
import { publisherInfo } from "./publisher-info.ts";

/**
 * Trusts a publisher, or no longer.
 * @throws GgenError `publisher.not-found`, `usage.invalid`
 */
export async function trustPublisher(
  parts: Parts,
  params: { readonly publisher: string; readonly nickname?: string; readonly trusted: boolean },
): Promise<PublisherInfo> {
  const publisher = parts.catalog.resolvePublisher(params.publisher);
  if (params.nickname !== undefined) checkNickname(params.nickname);
  parts.catalog.setTrust(publisher, {
    trusted: params.trusted,
    ...(params.nickname === undefined ? {} : { nickname: params.nickname }),
  });
  return publisherInfo(parts, publisher, await parts.keystore.list());
}
