import type { AskedPeers } from "@ggen/p2p-types";

import { formatCount } from "./quantity.ts";

/** Whom a light node asked, and what of it a person should know. */
export function renderAsked({ asked, answered, lacking }: AskedPeers): string {
  const all = formatCount(asked.length, "full node");
  const some = answered.length === asked.length ? "" : `, ${answered.length} answered`;
  const less =
    lacking.length === 0 ? "" : `; less than others gave ${lacking.join(", ")}: what any of them gave is counted`;
  return `asked ${all}${some}${less}`;
}
