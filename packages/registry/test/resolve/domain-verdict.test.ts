import { GgenError, isGgenError, type PublisherId } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { createDomainVerifier, type DomainVerifier } from "../../src/resolve/domain.ts";
import { catalogOf, clockAt, TestPublisher } from "./signed-world.ts";

const id = "com.example.tool";
const owner = new TestPublisher("owner").claim("example.com");
const rival = new TestPublisher("rival").claim("example.com");
const bystander = new TestPublisher("bystander");
const elsewhere = new TestPublisher("elsewhere").claim("example.net").claim("example.org");
const all = [owner, rival, bystander, elsewhere];
const record = (publisher: PublisherId): string => `ggen1 publisher=${publisher}`;
const stranger = `ggen1${"a".repeat(52)}`;

interface World {
  readonly node: DomainVerifier;
  /** What the DNS says of a name: its texts, or an error. */
  readonly zone: Record<string, readonly string[] | Error>;
  readonly asked: string[];
  readonly time: { hours: number };
  readonly restart: (readOnly: boolean) => DomainVerifier;
}

/** A node that knows everybody, and a DNS that says what it is told to. */
async function world(said: readonly string[] | Error = []): Promise<World> {
  const catalog = await catalogOf(all);
  const zone: World["zone"] = { "_ggen.example.com": said };
  const asked: string[] = [];
  const time = { hours: 0 };
  const restart = (readOnly: boolean): DomainVerifier =>
    createDomainVerifier({
      catalog,
      readOnly,
      clock: { ...clockAt(0), monotonic: () => clockAt(time.hours).monotonic() },
      resolver: {
        texts(name, signal) {
          signal?.throwIfAborted();
          asked.push(name);
          const texts = zone[name] ?? [];
          return texts instanceof Error ? Promise.reject(texts) : Promise.resolve(texts);
        },
      },
    });
  return { node: restart(false), zone, asked, time, restart };
}

async function refusalOf(refused: Promise<unknown>): Promise<GgenError> {
  const error: unknown = await refused.catch((caught: unknown) => caught);
  if (!isGgenError(error)) throw new Error("not refused as expected", { cause: error });
  return error;
}

describe("the DNS is asked", () => {
  it("of the domain that a claimant claims, also when others claim none", async () => {
    const { node, asked } = await world([record(owner.publisher)]);
    expect(await node.verify(id, [stranger, bystander.publisher, owner.publisher])).toBe(owner.publisher);
    expect(asked).toEqual(["_ggen.example.com"]);
  });

  it.each([
    ["nobody who is known claims it", id, [stranger, bystander.publisher]],
    ["the only claim is of another domain", id, [elsewhere.publisher]],
    ["the id stands under none", "my-package", [owner.publisher]],
    ["there is no claimant", id, []],
  ])("nothing where %s", async (_, asking, claimants) => {
    const { node, asked } = await world([record(owner.publisher)]);
    expect(await node.verify(asking, claimants)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("not again for a minute where nobody was named, each domain by itself", async () => {
    const { node, asked, time, zone } = await world(["v=spf1 -all"]);
    const minute = 1 / 60;
    time.hours = 1;
    expect(await node.verify(id, [owner.publisher])).toBeUndefined();
    time.hours += minute / 2;
    expect(await node.verify("net.example.tool", [elsewhere.publisher])).toBeUndefined();
    zone["_ggen.example.com"] = [record(owner.publisher)];
    time.hours = 1 + minute * 0.999;
    expect(await node.verify("com.example.other", [owner.publisher])).toBeUndefined();
    expect(await node.verify("net.example.tool", [elsewhere.publisher])).toBeUndefined();
    expect(asked).toEqual(["_ggen.example.com", "_ggen.example.net"]);
    time.hours = 1 + minute;
    expect(await node.verify(id, [owner.publisher])).toBe(owner.publisher);
    expect(asked).toHaveLength(3);
  });

  it("never again for a domain that was bound, unless the catalogue cannot be written", async () => {
    const { asked, restart } = await world([record(owner.publisher)]);
    for (let round = 0; round < 2; round += 1) {
      expect(await restart(true).verify(id, [owner.publisher])).toBe(owner.publisher);
    }
    expect(asked).toHaveLength(2);
    for (let round = 0; round < 2; round += 1) {
      expect(await restart(false).verify(id, [owner.publisher, rival.publisher])).toBe(owner.publisher);
    }
    expect(asked).toHaveLength(3);
  });

  it("with the signal of who asks", async () => {
    const { node } = await world();
    const reason = new Error("gone");
    await expect(node.verify(id, [owner.publisher], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe("its answer", () => {
  it.each([
    ["another version", `ggen2 publisher=${owner.publisher}`],
    ["a word that only begins like ours", `ggen1x publisher=${owner.publisher}`],
    ["something before it", ` ggen1 publisher=${owner.publisher}`],
    ["one who does not claim the domain", record(bystander.publisher)],
    ["one who is not a claimant", record(rival.publisher)],
  ])("is nobody's with %s", async (_, text) => {
    const { node } = await world([text]);
    expect(await node.verify(id, [owner.publisher, bystander.publisher])).toBeUndefined();
  });

  it.each([
    ["more spaces", `ggen1  \t publisher=${owner.publisher} \t `],
    ["other records beside it", "v=spf1 -all"],
  ])("may have %s", async (_, text) => {
    const { node } = await world([text, record(owner.publisher)]);
    expect(await node.verify(id, [owner.publisher])).toBe(owner.publisher);
  });

  it.each([
    ["two claimants", [record(owner.publisher), record(rival.publisher)]],
    ["a claimant and a stranger", [record(owner.publisher), record(stranger)]],
    ["a claimant and nothing", [record(owner.publisher), "ggen1"]],
    ["nothing", ["ggen1"]],
    ["no publisher", ["ggen1 publisher=me"]],
    ["a publisher and more", [`${record(owner.publisher)} x`]],
    ["a publisher after more", [`ggen1 x publisher=${owner.publisher}`]],
  ])("is a conflict when it names %s", async (_, said) => {
    const { node } = await world(said);
    const claimants = [owner.publisher, rival.publisher];
    const refused = await refusalOf(node.verify(id, claimants));
    const commands = claimants.map((publisher) => `ggen marketplace install ${publisher}/${id}`);
    expect(refused).toMatchObject({
      code: "domain.conflict",
      expected: 'one record: _ggen.example.com. TXT "ggen1 publisher=ID"',
      data: { id, domain: "example.com", claimants, commands },
    });
    expect(refused.hint).toBe(`Choose its publisher yourself:\n  ${commands.join("\n  ")}`);
  });

  it("is a conflict when it names another than the domain was bound to", async () => {
    const { node, zone, asked } = await world([record(owner.publisher)]);
    await node.verify(id, [owner.publisher]);
    zone["_ggen.example.com"] = [record(rival.publisher)];
    expect(await refusalOf(node.verify(id, [rival.publisher]))).toMatchObject({
      code: "domain.conflict",
      got: rival.publisher,
    });
    expect(await node.verify(id, [owner.publisher, rival.publisher])).toBe(owner.publisher);
    expect(asked).toHaveLength(2);
  });

  it("binds its own domain and no other", async () => {
    const { node, zone, asked } = await world([record(owner.publisher)]);
    zone["_ggen.example.net"] = [record(elsewhere.publisher)];
    for (let round = 0; round < 2; round += 1) {
      expect(await node.verify(id, [owner.publisher])).toBe(owner.publisher);
      expect(await node.verify("net.example.tool", [elsewhere.publisher])).toBe(elsewhere.publisher);
    }
    expect(asked).toEqual(["_ggen.example.com", "_ggen.example.net"]);
  });

  it("that does not come is a failure with the commands that go on, and not nobody", async () => {
    const failure = new GgenError("domain.lookup-failed", "No answer", { expected: "texts", got: "ETIMEOUT" });
    const { node, zone } = await world(failure);
    const refused = await refusalOf(node.verify(id, [owner.publisher]));
    const commands = [`ggen marketplace install ${owner.publisher}/${id}`];
    expect(refused).toMatchObject({
      code: "domain.lookup-failed",
      message: "No answer",
      expected: "texts",
      got: "ETIMEOUT",
      cause: failure,
      data: { commands },
    });
    expect(refused.hint).toBe(`Try again later, or choose its publisher yourself:\n  ${commands[0]}`);
    zone["_ggen.example.com"] = new GgenError("domain.lookup-failed", "No answer");
    expect(await refusalOf(node.verify(id, [owner.publisher]))).toMatchObject({ got: "" });
    const other = new GgenError("aborted", "Cancelled");
    zone["_ggen.example.com"] = other;
    await expect(node.verify(id, [owner.publisher])).rejects.toBe(other);
    zone["_ggen.example.com"] = [record(owner.publisher)];
    expect(await node.verify(id, [owner.publisher])).toBe(owner.publisher);
  });
});
