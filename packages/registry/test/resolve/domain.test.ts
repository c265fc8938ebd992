import { join } from "node:path";

import { openCatalog } from "@ggen/p2p-catalog";
import { systemClock } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

import { homeLayout } from "../../src/index.ts";
import { createDomainVerifier, type DomainVerifier } from "../../src/resolve/domain.ts";
import { domainOfId, isClaimableDomain } from "../../src/resolve/domain-name.ts";
import { createTxtResolver, dnsServersOf } from "../../src/resolve/txt-resolver.ts";
import { copyRecords, openRegistry, packageFolder, temporaryFolder } from "../authority/world.ts";
import { type DnsServer, startDnsServer } from "./dns-server.ts";

const id = "com.example.tool";
const name = "_ggen.example.com";
const record = (publisher: string): string => `ggen1 publisher=${publisher}`;

/** A publisher with one release in a home of its own. */
async function publisherOf(
  claims: boolean,
  release = id,
): Promise<{ readonly home: string; readonly publisher: string }> {
  const home = join(await temporaryFolder(), "home");
  const registry = await openRegistry({}, home);
  const { publisher, recoveryWords } = await registry.publishers.init();
  await registry.publish(await packageFolder(release));
  if (claims) {
    await registry.publishers.setDomain({ domain: "example.com", claim: true, recoveryWords: [recoveryWords] });
  }
  await registry.close();
  return { home, publisher };
}

/** A node that knows some publishers and asks a DNS server of the test. */
async function nodeThatKnows(
  homes: readonly { readonly home: string; readonly publisher: string }[],
  dns: DnsServer,
  options: { readonly home?: string; readonly readOnly?: boolean } = {},
): Promise<DomainVerifier> {
  const home = options.home ?? (await temporaryFolder());
  for (const known of homes) await copyRecords(known.home, home, known.publisher);
  const { readOnly = false } = options;
  const catalog = openCatalog({ path: homeLayout(home).catalogFile, clock: systemClock, readOnly });
  onTestFinished(() => catalog.close());
  const resolver = createTxtResolver({ servers: [dns.address], timeoutMs: 50, tries: 1 });
  return createDomainVerifier({ catalog, resolver, clock: systemClock, readOnly });
}

describe("a verified domain", () => {
  it("is that of the claimant whom both its own records and the DNS name", async () => {
    const [owner, other] = await Promise.all([publisherOf(true), publisherOf(false)]);
    const dns = await startDnsServer({ [name]: ["v=spf1 -all", record(owner.publisher)] });
    const node = await nodeThatKnows([owner, other], dns);
    expect(await node.verify(id, [owner.publisher, other.publisher])).toBe(owner.publisher);
  });

  it("is nobody's where only one of the two says so, and the DNS is not asked without a claim", async () => {
    const [claims, named] = await Promise.all([publisherOf(true), publisherOf(false)]);
    const dns = await startDnsServer({ [name]: [record(named.publisher)] });
    const node = await nodeThatKnows([claims, named], dns);
    expect(await node.verify(id, [named.publisher])).toBeUndefined();
    expect(dns.asked).toEqual([]);
    expect(await node.verify(id, [claims.publisher, named.publisher])).toBeUndefined();
    expect(dns.asked).toEqual([name]);
  });

  it.each([
    ["the name does not exist", "nxdomain" as const],
    ["it has no TXT record", [] as const],
    ["its records are about other things", ["v=spf1 -all", "ggen2 publisher=x"] as const],
  ])("is nobody's when %s", async (_, said) => {
    const owner = await publisherOf(true);
    const node = await nodeThatKnows([owner], await startDnsServer({ [name]: said }));
    expect(await node.verify(id, [owner.publisher])).toBeUndefined();
  });

  it.each([
    ["does not answer", "silence" as const],
    ["fails", "servfail" as const],
  ])("is unknown, which is not nobody's, when the DNS %s", async (_, said) => {
    const owner = await publisherOf(true);
    const dns = await startDnsServer({ [name]: said });
    const node = await nodeThatKnows([owner], dns);
    await expect(node.verify(id, [owner.publisher])).rejects.toMatchObject({ code: "domain.lookup-failed" });
    dns.zone[name] = [record(owner.publisher)];
    expect(await node.verify(id, [owner.publisher])).toBe(owner.publisher);
  });

  it("is in conflict when the DNS names two publishers, also a stranger, or something unreadable", async () => {
    const [one, two] = await Promise.all([publisherOf(true), publisherOf(true)]);
    const said = [
      [record(one.publisher), record(two.publisher)],
      [record(one.publisher), record(`ggen1${"a".repeat(52)}`)],
      [record(one.publisher), "ggen1 publisher="],
      ["ggen1 publisher=me"],
    ];
    for (const texts of said) {
      const node = await nodeThatKnows([one, two], await startDnsServer({ [name]: texts }));
      const refused = await node.verify(id, [one.publisher, two.publisher]).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: "domain.conflict" });
      expect((refused as { hint: string }).hint).toContain(`ggen marketplace install ${two.publisher}/${id}`);
    }
    const same = await startDnsServer({ [name]: [record(one.publisher), record(one.publisher)] });
    expect(await (await nodeThatKnows([one], same)).verify(id, [one.publisher])).toBe(one.publisher);
  });

  it("stays its first owner's after it lapsed and somebody else registered it", async () => {
    const [owner, thief] = await Promise.all([publisherOf(true), publisherOf(true)]);
    const later = await publisherOf(true, "com.example.later");
    const dns = await startDnsServer({ [name]: [record(owner.publisher)] });
    const home = await temporaryFolder();
    const node = await nodeThatKnows([owner, thief, later], dns, { home });
    expect(await node.verify(id, [owner.publisher])).toBe(owner.publisher);
    dns.zone[name] = "nxdomain";
    expect(await node.verify(id, [owner.publisher, thief.publisher])).toBe(owner.publisher);
    dns.zone[name] = [record(thief.publisher)];
    expect(await node.verify(id, [owner.publisher, thief.publisher])).toBe(owner.publisher);
    expect(dns.asked).toHaveLength(1);
    // The harm: for whoever asks the DNS only now, the thief is the owner.
    const newcomer = await nodeThatKnows([owner, thief], dns);
    expect(await newcomer.verify(id, [owner.publisher, thief.publisher])).toBe(thief.publisher);
    dns.zone[name] = [record(later.publisher)];
    await expect(node.verify("com.example.later", [later.publisher])).rejects.toMatchObject({
      code: "domain.conflict",
    });
    const restarted = await nodeThatKnows([], dns, { home });
    expect(await restarted.verify(id, [owner.publisher, thief.publisher])).toBe(owner.publisher);
  });

  it("binds nothing in a catalogue that is only read", async () => {
    const owner = await publisherOf(true);
    const dns = await startDnsServer({ [name]: [record(owner.publisher)] });
    const home = await temporaryFolder();
    await copyRecords(owner.home, home, owner.publisher);
    const node = await nodeThatKnows([], dns, { home, readOnly: true });
    expect(await node.verify(id, [owner.publisher])).toBe(owner.publisher);
    expect(await node.verify(id, [owner.publisher])).toBe(owner.publisher);
    expect(dns.asked).toHaveLength(2);
  });

  it("stops asking when its caller has gone", async () => {
    const owner = await publisherOf(true);
    const dns = await startDnsServer({ [name]: "silence" });
    const node = await nodeThatKnows([owner], dns);
    const reason = new Error("gone");
    await expect(node.verify(id, [owner.publisher], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe("the domain of an id", () => {
  it.each([
    ["io.ggen.rust.cli", "ggen.io"],
    ["IO.GGEN", "ggen.io"],
    ["uk.co.example.tool", "example.co.uk"],
    ["io.github.alice.tool", "alice.github.io"],
    ["com.example.my_tool", "example.com"],
    ["io.github", undefined],
    ["uk.co", undefined],
    ["com", undefined],
    ["my-package", undefined],
    ["nosuchtld.example", undefined],
    ["1.0.0.127", undefined],
    ["com.-bad", undefined],
    ["com.ex_ample.tool", undefined],
    ["com..example", undefined],
  ])("%s → %s", (given, domain) => {
    expect(domainOfId(given)).toBe(domain);
    if (domain !== undefined) expect(isClaimableDomain(domain)).toBe(true);
  });

  it("is claimable or nothing, whatever the id", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._-]{1,100}$/), (given) => {
        const domain = domainOfId(given);
        expect(domain === undefined || isClaimableDomain(domain)).toBe(true);
      }),
    );
  });
});

describe("the servers", () => {
  it("come from GGEN_DNS_SERVERS, and a wrong one is said", () => {
    expect(dnsServersOf({})).toEqual([]);
    expect(dnsServersOf({ GGEN_DNS_SERVERS: " 192.0.2.53, 192.0.2.54:5353," })).toEqual([
      "192.0.2.53",
      "192.0.2.54:5353",
    ]);
    expect(() => createTxtResolver({ servers: ["dns.example"] })).toThrow(/GGEN_DNS_SERVERS/);
  });
});
