import { type DomainResult, GgenError, type PublisherChangeParams } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import type { Announcer } from "../publish/announcer.ts";
import { domainRecord } from "../resolve/domain-record.ts";
import { prepareChange, signChange } from "./sign-change.ts";

/**
 * Claims a domain for a publisher, or gives it up. Others believe a claim when the DNS says the same.
 * @throws GgenError `usage.invalid`, `publisher.unauthorised`, `publisher.frozen`, `publisher.not-found`, `storage.*`
 */
export async function setDomain(
  parts: Parts,
  announcer: Announcer,
  params: PublisherChangeParams & { readonly domain: string; readonly claim: boolean },
): Promise<DomainResult> {
  const { claim } = params;
  const { isClaimableDomain } = await import("../resolve/domain-name.ts");
  const domain = params.domain.trim().toLowerCase().replace(/\.$/, "");
  if (claim && !isClaimableDomain(domain)) {
    throw new GgenError("usage.invalid", `"${params.domain.slice(0, 80)}" is not a domain that can be claimed`, {
      expected: "a name that one can register, e.g. example.com: no public suffix, and no name below one's own",
    });
  }
  const prepared = await prepareChange(parts, params);
  const claimed = parts.catalog.publisherState(prepared.publisher)?.domains ?? [];
  if (claimed.includes(domain) === claim) {
    throw new GgenError("usage.invalid", `${prepared.publisher} ${claim ? "claims" : "does not claim"} ${domain}`, {
      expected: claim ? "a domain that it does not claim yet" : "one of its domains",
      got: claimed.join(", ") || "no domain",
      hint: "Nothing was changed.",
    });
  }
  const signed = await signChange(parts, announcer, prepared, { type: "domain", domain, claim });
  return { ...signed, domain, claimed: claim, record: domainRecord(domain, prepared.publisher) };
}
