import type { Catalog } from "@ggen/p2p-catalog";
import { type Clock, type ErrorCode, GgenError, isGgenError, isPublisherId, type PublisherId } from "@ggen/p2p-types";

import { domainRecord } from "./domain-record.ts";
import type { TxtResolver } from "./txt-resolver.ts";

/** Says whose an id is by the domain in it. */
export interface DomainVerifier {
  /**
   * The publisher whose domain an id stands under. The DNS is asked only when one of the claimants claims the domain, and
   * never again for a domain that was bound to a publisher.
   * @param id - any case
   * @param claimants - publishers with a release of the id
   * @returns undefined when nobody has proved the domain
   * @throws GgenError `domain.lookup-failed`: a DNS that fails has not said no; `domain.conflict`, `aborted`
   */
  verify(id: string, claimants: readonly PublisherId[], signal?: AbortSignal): Promise<PublisherId | undefined>;
}

/** What {@link createDomainVerifier} needs. */
export interface DomainVerifierNeeds {
  readonly catalog: Pick<Catalog, "publisherState" | "meta" | "setMeta">;
  readonly resolver: TxtResolver;
  readonly clock: Clock;
  /** Remembers nothing when the catalogue cannot be written. */
  readonly readOnly: boolean;
}

/** How long "nobody" is believed without asking again. */
const noOwnerMs = 60_000;
const maxRemembered = 1000;
const recordPattern = /^ggen1\s+publisher=(\S+)\s*$/;

/** @param needs - bindings are kept in the catalogue's metadata */
export function createDomainVerifier({ catalog, resolver, clock, readOnly }: DomainVerifierNeeds): DomainVerifier {
  const nobodyUntil = new Map<string, number>();

  const textsOf = async (name: string, refuse: Refuse, signal?: AbortSignal): Promise<readonly string[]> => {
    try {
      return await resolver.texts(name, signal);
    } catch (error) {
      if (!isGgenError(error, "domain.lookup-failed")) throw error;
      const { expected, got = "" } = error;
      throw refuse(error.message, got, {
        code: error.code,
        cause: error,
        ...(expected === undefined ? {} : { expected }),
      });
    }
  };

  const ask = async (domain: string, refuse: Refuse, signal?: AbortSignal): Promise<PublisherId | undefined> => {
    if ((nobodyUntil.get(domain) ?? 0) > clock.monotonic()) return undefined;
    const { name } = domainRecord(domain, "");
    const texts = (await textsOf(name, refuse, signal)).filter((text) => /^ggen1(?:\s|$)/.test(text));
    const named = [...new Set(texts.map((text) => recordPattern.exec(text)?.[1] ?? text))];
    const [first] = named;
    if (first === undefined) {
      if (nobodyUntil.size >= maxRemembered) nobodyUntil.clear();
      nobodyUntil.set(domain, clock.monotonic() + noOwnerMs);
      return undefined;
    }
    if (named.length > 1) throw refuse(`The DNS names ${named.length} publishers for ${domain}`, named.join(", "));
    if (!isPublisherId(first)) throw refuse(`The TXT record of ${name} cannot be read`, first.slice(0, 200));
    return first;
  };

  return {
    async verify(id, claimants, signal) {
      if (!claimants.some((publisher) => (catalog.publisherState(publisher)?.domains.length ?? 0) > 0))
        return undefined;
      // The list of public suffixes takes its time to load: not where nobody claims anything.
      const { domainOfId } = await import("./domain-name.ts");
      const domain = domainOfId(id);
      if (domain === undefined) return undefined;
      const claiming = claimants.filter((publisher) => catalog.publisherState(publisher)?.domains.includes(domain));
      if (claiming.length === 0) return undefined;
      const bindingName = `domain/${domain}`;
      const bound = catalog.meta(bindingName);
      if (bound !== undefined && claiming.includes(bound)) return bound;
      const refuse = refusalOf(id, domain, claimants);
      const named = await ask(domain, refuse, signal);
      if (named === undefined || !claiming.includes(named)) return undefined;
      // A domain that lapsed and was registered by somebody else must not carry its ids over in silence.
      if (bound !== undefined) throw refuse(`${domain} was ${bound}'s before, and names another publisher now`, named);
      if (!readOnly) catalog.setMeta(bindingName, named);
      return named;
    },
  };
}

type Refuse = (
  message: string,
  got: string,
  other?: { readonly code: ErrorCode; readonly cause: unknown; readonly expected?: string },
) => GgenError;

/** Every refusal names the commands that go on without the DNS. */
function refusalOf(id: string, domain: string, claimants: readonly PublisherId[]): Refuse {
  const commands = claimants.map((publisher) => `ggen marketplace install ${publisher}/${id}`);
  return (message, got, other) =>
    new GgenError(other?.code ?? "domain.conflict", message, {
      expected: other?.expected ?? `one record: ${domainRecord(domain, "ID").name}. TXT "ggen1 publisher=ID"`,
      got,
      hint: `${other === undefined ? "Choose" : "Try again later, or choose"} its publisher yourself:\n${commands.map((command) => `  ${command}`).join("\n")}`,
      data: { id, domain, claimants, commands },
      cause: other?.cause,
    });
}
