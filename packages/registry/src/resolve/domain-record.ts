import type { PublisherId } from "@ggen/p2p-types";

/** The DNS record that makes a claim of a domain believable. */
export function domainRecord(
  domain: string,
  publisher: PublisherId,
): { readonly name: string; readonly type: "TXT"; readonly value: string } {
  return { name: `_ggen.${domain}`, type: "TXT", value: `ggen1 publisher=${publisher}` };
}
