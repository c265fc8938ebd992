import { join } from "node:path";

import { defineConfig } from "@ggen/p2p-config";
import { expect, it, onTestFinished } from "vitest";

import { P2PRegistry } from "../../src/index.ts";
import { copyRecords, openRegistry, packageFolder, temporaryFolder } from "../authority/world.ts";
import { loopback } from "../harness.ts";
import { type DnsServer, startDnsServer } from "./dns-server.ts";

const id = "com.example.tool";
const name = "_ggen.example.com";

/** Two publishers that release one id and both claim its domain. */
async function rivals(): Promise<readonly { readonly home: string; readonly publisher: string }[]> {
  return Promise.all(
    ["one", "two"].map(async (content) => {
      const home = join(await temporaryFolder(), "home");
      const registry = await openRegistry({}, home);
      const { publisher, recoveryWords } = await registry.publishers.init();
      await registry.publish(await packageFolder(id, "1.0.0", { "a.txt": content }));
      await registry.publishers.setDomain({ domain: "example.com", claim: true, recoveryWords: [recoveryWords] });
      await registry.close();
      return { home, publisher };
    }),
  );
}

async function userOf(known: Awaited<ReturnType<typeof rivals>>, dns: DnsServer): Promise<P2PRegistry> {
  const home = await temporaryFolder();
  for (const { home: from, publisher } of known) await copyRecords(from, home, publisher);
  const registry = await P2PRegistry.create(defineConfig(loopback()), { home, dnsServers: [dns.address] });
  onTestFinished(() => registry.close());
  return registry;
}

it("lets the domain decide between claimants for install, info and why, and names its reason", async () => {
  const known = await rivals();
  const [, owner] = known;
  const dns = await startDnsServer({ [name]: [`ggen1 publisher=${owner?.publisher}`] });
  const user = await userOf(known, dns);
  const target = await temporaryFolder();
  const { packages } = await user.install({ ref: id, target, dryRun: true });
  expect(packages.map(({ publisher }) => publisher)).toEqual([owner?.publisher]);
  expect(await user.info({ ref: id })).toMatchObject({
    package: { publisher: owner?.publisher },
    chosenBecause: "the domain of the id names its publisher",
  });
  const { steps } = await user.why({ ref: id });
  expect(steps.map(({ answer }) => answer)).toContain(`${owner?.publisher}: the domain of the id names its publisher`);
  expect(dns.asked).toEqual([name]);
});

it("asks nobody where the user has decided, and refuses where the DNS fails, with the commands that go on", async () => {
  const known = await rivals();
  const [first] = known;
  const dns = await startDnsServer({ [name]: "servfail" });
  const user = await userOf(known, dns);
  const target = await temporaryFolder();
  const named = await user.install({ ref: `${first?.publisher}/${id}`, target, dryRun: true });
  expect(named.packages[0]?.publisher).toBe(first?.publisher);
  expect(dns.asked).toEqual([]);
  const refused = await user.install({ ref: id, target, dryRun: true }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "domain.lookup-failed" });
  for (const { publisher } of known) {
    expect((refused as { hint: string }).hint).toContain(`ggen marketplace install ${publisher}/${id}`);
  }
  await user.publishers.trust({ publisher: first?.publisher ?? "", trusted: true });
  const trusted = await user.install({ ref: id, target, dryRun: true });
  expect(trusted.packages[0]?.publisher).toBe(first?.publisher);
});
