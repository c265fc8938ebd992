import { createHash } from "node:crypto";

import { defineConfig } from "@ggen/p2p-config";
import { P2PRegistry } from "@ggen/p2p-registry";
import { createHome } from "@ggen/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";

import { type RunningGateway, startGateway } from "../src/index.ts";
import { send } from "./backend/gateway.ts";

let registry: P2PRegistry;
let gateway: RunningGateway;
beforeEach(async () => {
  registry = await P2PRegistry.create(defineConfig({}), { home: createHome() });
  gateway = await startGateway({ backend: registry, host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await gateway.close();
  await registry.close();
});

it("shows what a real node published, and sends bytes that match what was signed", async () => {
  const draft = { id: "io.x.real", version: "1.0.0", name: "Real", description: "A real package", tags: ["t"] };
  await registry.publish({ ...draft, files: { "README.md": "hello", "queries/a.rq": "SELECT * WHERE {}" } });
  await registry.publish({ ...draft, version: "1.1.0", files: { "README.md": "hello again" } });

  const list = (await send(gateway.port, "/packages?q=real&tags=t")).json();
  expect(list).toMatchObject({ packages: [{ id: "io.x.real", name: "Real", version: "1.1.0" }], total: 1, next: null });

  for (const [path, version] of [
    ["/packages/io.x.real", "1.1.0"],
    ["/packages/IO.X.Real/versions/1.0.0", "1.0.0"],
  ] as const) {
    const info = (await send(gateway.port, `${path}/info`)).json() as { checksum: string; size: number };
    expect(info).toMatchObject({ id: "io.x.real", version });
    const download = await send(gateway.port, `${path}/download`);
    expect(download.body.length).toBe(info.size);
    expect(`sha256:${createHash("sha256").update(download.body).digest("hex")}`).toBe(info.checksum);
    const part = await send(gateway.port, `${path}/download`, { range: "bytes=100-611" });
    expect([part.status, part.body.equals(download.body.subarray(100, 612))]).toEqual([206, true]);
  }
});

it("maps what a real node refuses to statuses", async () => {
  await registry.publish({ id: "io.x.real", version: "1.0.0", name: "Real", files: { "a.txt": "a" } });
  for (const [path, status, code] of [
    ["/packages/io.x.real/versions/2.0.0", 404, "package.version-not-found"],
    ["/packages/..", 400, "ref.invalid"],
    ["/packages/zzzzzzzz%2Fio.x.real", 404, "publisher.not-found"],
    ["/readyz", 503, "registry.incomplete"],
  ] as const) {
    const answer = await send(gateway.port, path);
    expect([path, answer.status, answer.json()]).toMatchObject([path, status, { error: { code } }]);
  }
  const unknown = await send(gateway.port, "/packages/io.x.none");
  expect([404, 503]).toContain(unknown.status);
});
