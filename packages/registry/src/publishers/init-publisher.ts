import { GgenError, type NewRotationKey, type PublisherId } from "@ggen/p2p-types";

import { checkNickname } from "../keys/nickname.ts";
import type { Parts } from "../parts.ts";
import { createPublisher, usableKeys } from "../publish/publisher-identity.ts";

/** A publisher that was just made: its words are shown once and kept nowhere. */
export interface InitResult {
  readonly publisher: PublisherId;
  readonly recoveryWords: string;
  readonly rotationKeys: readonly NewRotationKey[];
}

/**
 * Makes a publisher with a key in this home.
 * @param nickname - what this node calls it
 * @param count - rotation keys, and how many of them sign together; 1 and 1 when absent
 * @throws GgenError `usage.invalid`; `publisher.exists`, since nothing would say which of two signs a package
 */
export async function initPublisher(
  parts: Parts,
  nickname: string | undefined,
  count: { readonly keys?: number; readonly threshold?: number } = {},
): Promise<InitResult> {
  if (nickname !== undefined) checkNickname(nickname);
  const [existing] = await usableKeys(parts);
  if (existing !== undefined) {
    throw new GgenError("publisher.exists", "This home has a publisher already", { got: existing.publisher });
  }
  const { own, recoveryWords, rotationKeys } = await createPublisher(parts, nickname ?? "first key", count);
  parts.catalog.setTrust(own.publisher, { trusted: true, ...(nickname === undefined ? {} : { nickname }) });
  return { publisher: own.publisher, recoveryWords, rotationKeys };
}
