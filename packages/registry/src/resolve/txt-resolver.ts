import { Resolver } from "node:dns/promises";

import { GgenError } from "@ggen/p2p-types";

/** Asks the DNS for texts. */
export interface TxtResolver {
  /**
   * The TXT records of a name, each in one piece; empty when the name or its records do not exist.
   * @throws GgenError `domain.lookup-failed` when the DNS did not say, `aborted`
   */
  texts(name: string, signal?: AbortSignal): Promise<readonly string[]>;
}

/** How to ask. */
export interface TxtResolverInit {
  /** Addresses of the servers to ask, `IP` or `IP:PORT`; those of the system when absent or empty. */
  readonly servers?: readonly string[];
  /** Milliseconds until a server is asked again, or the next one. Default: 2000. */
  readonly timeoutMs?: number;
  /** How often each server is asked. Default: 2. */
  readonly tries?: number;
}

/** Answers that mean "there is none", as opposed to "nobody said". */
const absent: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);

/**
 * A resolver over the system's servers or given ones. It trusts what they say: whoever can forge their answers can prove
 * a domain, once, for an id that this node has not seen before.
 * @throws GgenError `config.invalid` for an address that is none
 */
export function createTxtResolver({ servers = [], timeoutMs = 2000, tries = 2 }: TxtResolverInit = {}): TxtResolver {
  const open = (): Resolver => {
    const resolver = new Resolver({ timeout: timeoutMs, tries });
    if (servers.length > 0) resolver.setServers(servers);
    return resolver;
  };
  try {
    open();
  } catch (cause) {
    throw new GgenError("config.invalid", "GGEN_DNS_SERVERS names something that is no DNS server", {
      expected: "addresses, separated by commas: 192.0.2.53 or 192.0.2.53:5353 or [2001:db8::53]:5353",
      got: servers.join(", ").slice(0, 200),
      cause,
    });
  }
  return {
    async texts(name, signal) {
      signal?.throwIfAborted();
      // One for each question, so that giving up one cancels no other.
      const resolver = open();
      const cancel = (): void => resolver.cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        return (await resolver.resolveTxt(name)).map((pieces) => pieces.join(""));
      } catch (cause) {
        signal?.throwIfAborted();
        const { code = "" } = cause as NodeJS.ErrnoException;
        if (absent.has(code)) return [];
        throw new GgenError("domain.lookup-failed", `The DNS did not answer for ${name}`, {
          expected: "its TXT records, or that there are none",
          got: code,
          cause,
        });
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
    },
  };
}

/** The servers that the environment variable GGEN_DNS_SERVERS names. */
export function dnsServersOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return (env["GGEN_DNS_SERVERS"] ?? "")
    .split(",")
    .map((server) => server.trim())
    .filter((server) => server !== "");
}
