import { base32 } from "multiformats/bases/base32";

import { fromHex, toHex } from "../crypto/hash.ts";
import { GgenError } from "../errors.ts";
import type { OperationId, PublisherId } from "./operation.ts";

const prefix = "ggen1";
const pattern = /^ggen1[a-z2-7]{52}$/;

/** Whether a text is a whole publisher id. */
export function isPublisherId(text: string): boolean {
  if (!pattern.test(text)) return false;
  try {
    return toPublisherId(fromPublisherId(text)) === text;
  } catch {
    return false;
  }
}

/** The publisher whose genesis operation has this id. */
export function toPublisherId(genesis: OperationId): PublisherId {
  return prefix + base32.baseEncode(fromHex(genesis));
}

/**
 * The id of the genesis operation of a publisher.
 * @throws GgenError `ref.invalid`
 */
export function fromPublisherId(publisher: PublisherId): OperationId {
  const refuse = (cause?: unknown): GgenError =>
    new GgenError("ref.invalid", `"${publisher.slice(0, 80)}" is not a publisher id`, {
      expected: "ggen1 and 52 characters of a-z 2-7",
      cause,
    });
  if (!pattern.test(publisher)) throw refuse();
  try {
    return toHex(base32.baseDecode(publisher.slice(prefix.length)));
  } catch (cause) {
    // 52 characters hold 260 bits, the last four of which are zero in an id.
    throw refuse(cause);
  }
}
