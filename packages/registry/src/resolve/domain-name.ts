import { parse } from "tldts";

const hostPattern = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The domain that a reverse-DNS id stands under: the part of it that somebody can register. `io.ggen.rust.cli` →
 * `ggen.io`; `io.github.alice.tool` → `alice.github.io`, for github.io is a public suffix.
 * @returns undefined when the id is not the reverse of a name below a known suffix
 */
export function domainOfId(id: string): string | undefined {
  return registrable(id.toLowerCase().split(".").toReversed().join("."));
}

/** Whether a domain is one that somebody can register: neither a public suffix nor a name below a registered one. */
export function isClaimableDomain(domain: string): boolean {
  return registrable(domain) === domain && hostPattern.test(domain);
}

function registrable(name: string): string | undefined {
  // Private suffixes count too: the users of github.io are strangers to each other.
  const parsed = parse(name, { allowPrivateDomains: true, validateHostname: false, extractHostname: false });
  const { domain } = parsed;
  const known = parsed.isIcann === true || parsed.isPrivate === true;
  return known && domain !== null && hostPattern.test(domain) ? domain : undefined;
}
