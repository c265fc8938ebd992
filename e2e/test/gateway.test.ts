import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { createHome, ggen, homeEnvironment, type NodeProcess, spawnGgen, startNode, treeFiles } from "@ggen/testkit";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { curl, download, sha256OfDownload, sha256sum } from "./support/curl.ts";
import { expectError, keepsThePromises, type Source } from "./support/gateway-promises.ts";
import { answer, connectedTo, type Installed, type Published, statusOf } from "./support/node-api.ts";
import { expectedTree } from "./support/package-tree.ts";
import { examplePackages, writePackage } from "./support/packages.ts";
import { isListening, takePort } from "./support/ports.ts";

const root = join(import.meta.dirname, "../..");
const until = { timeout: 30_000, interval: 50 } as const;
const quiet = "[network]\nmdns = false\n";
const server = join(root, "apps/server/bin/run.js");
const largeBytes = 40_000_000;

let publisher: NodeProcess;
let small: Source;
let newer: Source;
let large: Source;
let scratch: string;

async function publish(node: { readonly home: string }, folder: string): Promise<Source> {
  return { ...(await answer<Published>(node.home, ["marketplace", "publish", folder])), folder };
}

/** A folder of random bytes: nothing that a compression on the way could make small. */
function writeLarge(folder: string): string {
  writePackage(folder, "io.example.large");
  for (let part = 0; part < 4; part += 1) writeFileSync(join(folder, `part-${part}.bin`), randomBytes(largeBytes / 4));
  return folder;
}

function bootstrapTo(node: NodeProcess): readonly string[] {
  return node.addresses.flatMap((address) => ["--bootstrap", address]);
}

async function startGateway(nodes: readonly NodeProcess[]): Promise<NodeProcess & { readonly gateway: string }> {
  const home = createHome({ config: quiet });
  const node = await startNode({ home, args: ["--http", "127.0.0.1:0", ...nodes.flatMap(bootstrapTo)] });
  if (node.gateway === undefined) throw new Error("no gateway");
  await vi.waitUntil(async () => (await curl(`${node.gateway}/readyz`)).status === 200, until);
  return { ...node, gateway: node.gateway };
}

beforeAll(async () => {
  publisher = await startNode({ home: createHome({ config: quiet }) });
  scratch = mkdtempSync(join(publisher.home, "user/"));
  small = await publish(publisher, join(examplePackages, "cli-ontology"));
  await publish(publisher, writePackage(join(scratch, "first"), "io.example.versions", { version: "1.0.0" }));
  newer = await publish(
    publisher,
    writePackage(join(scratch, "second"), "io.example.versions", {
      version: "1.1.0",
      files: { "templates/new.tmpl": "new\n", "bin/run.sh": "#!/bin/sh\n" },
    }),
  );
  large = await publish(publisher, writeLarge(join(scratch, "large")));
});

describe("the five endpoints of the documents", () => {
  it("through `ggen marketplace p2p start --http`", async () => {
    const gateway = await startGateway([publisher]);
    expect(gateway.output()).toContain(gateway.gateway);
    await keepsThePromises(gateway.gateway, small, gateway.peerId, scratch);
    await keepsThePromises(gateway.gateway, newer, gateway.peerId, scratch);
  });

  it("through a daemon", async () => {
    const home = createHome({ config: quiet });
    const started = await answer<{ gateway: string; peerId: string }>(home, [
      "marketplace",
      "p2p",
      "start",
      "--daemon",
      "--http=0",
      "--listen=/ip4/127.0.0.1/tcp/0",
      ...bootstrapTo(publisher),
    ]);
    await expect.poll(async () => (await statusOf(home)).packages, until).toBe(3);
    await keepsThePromises(started.gateway, small, started.peerId, scratch);
    expect((await ggen(home, ["marketplace", "p2p", "stop"])).code).toBe(0);
  });

  it("through the server alone", async () => {
    const home = createHome({ config: quiet });
    const env = {
      GGEN_P2P_LISTEN: "/ip4/127.0.0.1/tcp/0",
      GGEN_P2P_BOOTSTRAP: publisher.addresses.join(","),
    };
    const child = spawnGgen(home, ["--port", "0"], { cli: server as `/${string}`, env });
    if (child.stdout === null) throw new Error("no output");
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const [, peerId = "", url = ""] = /^ggen gateway of (\S+) on (http:\S+)\n$/.exec(line.toString()) ?? [];
    await expect.poll(async () => (await curl(`${url}/packages`)).json(), until).toMatchObject({ total: 3 });
    await keepsThePromises(url, small, peerId, scratch);
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
  });
});

it("are kept by the gateway of `npm start`, which ends with Ctrl-C", async () => {
  const { port, server: taken } = await takePort();
  taken.close();
  const demo = spawn(process.execPath, ["tools/run.mjs", "start", "--port", String(port)], {
    cwd: root,
    // With the user's own home, where pnpm has its store; the demo's nodes have homes in the checkout.
    env: { ...homeEnvironment(createHome()), HOME: homedir() },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [demo.stdout, demo.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const exited = once(demo, "exit");
  onTestFinished(() => {
    if (demo.exitCode === null && demo.pid !== undefined) process.kill(-demo.pid, "SIGKILL");
  });
  const stays = new RegExp(`The gateway is at (http://localhost:${port})`);
  await expect
    .poll(() => `${output}${demo.exitCode === null ? "" : "ended"}`, { timeout: 100_000 })
    .toMatch(/ended|is at /);
  expect(output).toMatch(stays);
  const url = `http://localhost:${port}`;
  const { peer_id: peerId } = (await curl(url)).json() as { peer_id: string };
  const { publisher: demoPublisher } = (await curl(`${url}/packages/${small.id}`)).json() as { publisher: string };
  // The same folder from another publisher is the same archive, byte for byte.
  await keepsThePromises(url, { ...small, publisher: demoPublisher }, peerId, scratch);
  if (demo.pid !== undefined) process.kill(-demo.pid, "SIGINT");
  expect((await exited)[0]).toBe(0);
  expect(await isListening(port)).toBe(false);
});

describe("a gateway", () => {
  let gateway: NodeProcess & { readonly gateway: string };
  let url: string;
  let second: NodeProcess;
  beforeAll(async () => {
    second = await startNode({ home: createHome({ config: quiet }) });
    for (const id of ["io.example.disputed", "io.example.gone"]) {
      await publish(second, writePackage(join(second.home, "user", id), id));
    }
    const same = writePackage(join(scratch, "disputed"), "io.example.disputed", { files: { "a.txt": "other\n" } });
    await publish(publisher, same);
    gateway = await startGateway([publisher, second]);
    url = gateway.gateway;
    await vi.waitUntil(async () => (await statusOf(gateway.home)).packages === 5, until);
  });

  it("answers HEAD like GET, without the body", async () => {
    const head = await curl(`${url}/packages/${small.id}/download`, ["--head"]);
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(head.headers).toMatchObject({
      "content-type": "application/x-tar",
      "content-length": String(small.size),
      "content-disposition": `attachment; filename="${small.id}-${small.version}.tar"`,
      "accept-ranges": "bytes",
      etag: `"${small.checksum.slice("sha256:".length)}"`,
    });
  });

  it("answers 304 to who has it already", async () => {
    const at = `${url}/packages/${small.id}/download`;
    const { headers } = await curl(at, ["--head"]);
    const again = await curl(at, ["-H", `If-None-Match: ${headers["etag"]}`]);
    expect([again.status, again.body, again.headers["etag"]]).toEqual([304, "", headers["etag"]]);
    expect((await curl(at, ["-H", 'If-None-Match: "other"', "-o", "/dev/null", "-D", "-"])).status).toBe(200);
  });

  it("fetches from peers what it does not have, and streams it to many at once in bounded memory", async () => {
    const contents = async (): Promise<number> =>
      (await answer<{ contents: number }>(gateway.home, ["cache", "status"])).contents;
    const before = await contents();
    const at = `${url}/packages/${large.id}/download`;
    expect(await sha256OfDownload(at)).toBe(large.checksum);
    expect(await contents()).toBe(before + 1);

    // Ten readers who take their time: whoever kept an archive per reader would need 400 MB more.
    writeFileSync(`/proc/${gateway.pid}/clear_refs`, "5");
    const start = memoryBytes(gateway.pid, "VmRSS");
    const digests = await Promise.all(Array.from({ length: 10 }, () => sha256OfDownload(at, ["--limit-rate", "20M"])));
    expect(new Set(digests)).toEqual(new Set([large.checksum]));
    expect(memoryBytes(gateway.pid, "VmHWM") - start).toBeLessThan(5 * largeBytes);
  });

  it("goes on where a download was broken off", async () => {
    const at = `${url}/packages/${large.id}/download`;
    const file = join(scratch, "resumed.tar");
    expect(await download(at, file, ["--range", "0-9999999"])).toBe(206);
    expect(statSync(file).size).toBe(10_000_000);
    expect(await download(at, file, ["-C", "-"])).toBe(206);
    expect(await sha256sum(file)).toBe(large.checksum);
    const tail = await curl(at, ["--range", "-512"]);
    expect(tail.headers["content-range"]).toBe(`bytes ${large.size - 512}-${large.size - 1}/${large.size}`);
    const beyond = await curl(at, ["--range", `${large.size}-`]);
    expect([beyond.status, beyond.headers["content-range"]]).toEqual([416, `bytes */${large.size}`]);
  });

  it("compresses only as Content-Encoding, so that the checksum holds", async () => {
    const at = `${url}/packages/${small.id}/download`;
    const { headers } = await curl(at, ["--head", "-H", "Accept-Encoding: gzip"]);
    expect(headers["content-encoding"]).toBe("gzip");
    expect(await sha256OfDownload(at, ["--compressed"])).toBe(small.checksum);
  });

  it("has every version", async () => {
    const base = `${url}/packages/io.example.versions`;
    const { versions } = (await curl(base)).json() as { versions: { version: string }[] };
    expect(versions.map(({ version }) => version)).toEqual(["1.0.0", "1.1.0"]);
    const first = (await curl(`${base}/versions/1.0.0`)).json() as { version: string; checksum: string };
    expect(first.version).toBe("1.0.0");
    const info = (await curl(`${base}/versions/1.0.0/info`)).json() as { download_url: string; checksum: string };
    expect(info).toMatchObject({ version: "1.0.0", download_url: `${base}/versions/1.0.0/download` });
    expect(await sha256OfDownload(info.download_url)).toBe(first.checksum);
    expect(first.checksum).not.toBe(newer.checksum);
    expectError(await curl(`${base}/versions/9.9.9`), 404, "package.version-not-found");
    expectError(await curl(`${base}/versions/latest`), 400, "version.invalid");
  });

  it("lists by words, category and tags, page by page, with the total of the query", async () => {
    const page = async (query: string): Promise<{ packages: { id: string }[]; total: number; next: string | null }> =>
      (await curl(`${url}/packages?${query}`)).json() as never;
    expect(await page("q=ontology")).toMatchObject({ packages: [{ id: small.id }], total: 1, next: null });
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { packages, total, next } = await page(`limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      expect(total).toBe(5);
      expect(packages.length).toBeLessThanOrEqual(2);
      seen.push(...packages.map(({ id }) => id));
      cursor = next;
    }
    expect(new Set(seen)).toEqual(new Set([small.id, newer.id, large.id, "io.example.disputed", "io.example.gone"]));
    expect(seen).toHaveLength(5);
  });

  it("refuses by name what it cannot answer", async () => {
    expectError(await curl(`${url}/packages/io.example.nothing`), 404, "package.not-found");
    expectError(await curl(`${url}/packages/io.example.nothing/download`), 404, "package.not-found");
    expectError(await curl(`${url}/nowhere`), 404, "http.not-found");
    expectError(await curl(`${url}/packages/..%2F..%2Fetc%2Fpasswd`), 400, "ref.invalid");
    expectError(await curl(`${url}/packages?limit=1000`), 400, "usage.invalid");
    const posted = await curl(`${url}/packages`, ["-X", "POST", "-d", "{}"]);
    expectError(posted, 405, "http.method-not-allowed");
    expect(posted.headers["allow"]).toContain("GET");
  });

  it("answers 409 with the claimants of a disputed id, and serves the one that is named", async () => {
    const disputed = await curl(`${url}/packages/io.example.disputed`);
    expectError(disputed, 409, "package.ambiguous");
    for (const path of ["info", "download"]) {
      expectError(await curl(`${url}/packages/io.example.disputed/${path}`), 409, "package.ambiguous");
    }
    const answered = disputed.json() as { claimants: { publisher: string }[] };
    const claimants = answered.claimants.map(({ publisher: claimant }) => claimant);
    expect(claimants).toContain(small.publisher);
    expect(new Set(claimants).size).toBe(2);
    const checksums = new Set<string>();
    for (const claimant of claimants) {
      const named = `${url}/packages/${encodeURIComponent(`${claimant}/io.example.disputed`)}`;
      const { checksum } = (await curl(`${named}/info`)).json() as { checksum: string };
      expect(await sha256OfDownload(`${named}/download`)).toBe(checksum);
      checksums.add(checksum);
    }
    expect(checksums.size).toBe(2);
  });

  it("says so when nobody who holds a package is left, and goes on serving what it has", async () => {
    await second.kill();
    await expect.poll(() => connectedTo(gateway.home), until).not.toContain(second.peerId);
    expectError(await curl(`${url}/packages/io.example.gone/download`), 502, "package.no-providers");
    expect((await curl(`${url}/packages/io.example.gone`)).status).toBe(200);
    expect(await sha256OfDownload(`${url}/packages/${small.id}/download`)).toBe(small.checksum);
  });

  it("gives what `install` gives", async () => {
    const target = join(scratch, "installed");
    mkdirSync(target);
    // Published a moment ago by a stranger: the cooldown prefers an older version unless one is named.
    const args = ["marketplace", "install", `${newer.id}@1.1.0`, "--target", target];
    const { packages } = await answer<Installed>(gateway.home, args);
    expect(await treeFiles(packages[0]?.path ?? "")).toEqual(await expectedTree(newer.folder));
  });
});

/** A figure of the process as the kernel counts it, in bytes. */
function memoryBytes(pid: number, name: "VmRSS" | "VmHWM"): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}
