import { describe, expect, it } from "vitest";

import { useGateway } from "./backend/gateway.ts";
import { alice, contentOf, mallory } from "./backend/packages.ts";

const server = useGateway();
const { get } = server;

interface PackageList {
  readonly packages: readonly { readonly id: string }[];
  readonly total: number;
  readonly next: string | null;
}

describe("GET /", () => {
  it("says what this is", async () => {
    const answer = await get("/");
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.json()).toEqual({
      name: "ggen",
      version: "2.4.0",
      peer_id: "12D3KooWGatewayTest",
      capabilities: expect.arrayContaining(["package_list", "package_download", "checksum_verification"]),
    });
  });
});

describe("GET /packages", () => {
  it("lists what is there, with exactly the promised fields", async () => {
    const pkg = server.backend.add({ id: "io.ggen.rust.cli", name: "Rust CLI", version: "1.2.0" }, contentOf("a", 900));
    expect((await get("/packages")).json()).toEqual({
      packages: [
        {
          id: "io.ggen.rust.cli",
          name: "Rust CLI",
          version: "1.2.0",
          size: 900,
          checksum: pkg.checksum,
          publisher: alice,
        },
      ],
      total: 1,
      next: null,
    });
  });

  it("says when more may exist", async () => {
    expect((await get("/packages")).headers["ggen-complete"]).toBe("true");
    server.backend.isReady = false;
    const answer = await get("/packages");
    expect(answer.headers["ggen-complete"]).toBe("false");
    expect(answer.json()).toEqual({ packages: [], total: 0, next: null });
  });

  it("passes the query on, lists repeated or separated by commas", async () => {
    await get("/packages?q=rust%20cli&category=cli,web&category=ai&tags=a&tags=b,,%20c%20&limit=7");
    await get("/packages?q=&category=&tags=,");
    expect(server.backend.queries).toEqual([
      { text: "rust cli", categories: ["cli", "web", "ai"], tags: ["a", "b", "c"], limit: 7 },
      {},
    ]);
    await get(`/packages?license=MIT,isc&publisher=${alice}&sort=updated&facets=true`);
    expect(server.backend.queries.at(-1)).toEqual({
      licenses: ["MIT", "isc"],
      publisher: alice,
      sort: "updated",
      facets: true,
    });
  });

  it("walks all pages with `next`, each package once", async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `pkg-${String(index).padStart(2, "0")}`);
    for (const id of ids) server.backend.add({ id }, contentOf(id, 10));
    const seen: string[] = [];
    let path: string | undefined = "/packages?q=pkg&limit=10";
    for (let pages = 0; path !== undefined; pages += 1) {
      expect(pages).toBeLessThan(4);
      const page: PackageList = (await get(path)).json() as PackageList;
      expect(page.total).toBe(25);
      seen.push(...page.packages.map(({ id }) => id));
      path = page.next === null ? undefined : `/packages?q=pkg&limit=10&cursor=${page.next}`;
    }
    expect(seen).toEqual(ids);
  });

  it.each([
    ["limit=101", "limit"],
    ["limit=0", "limit"],
    ["limit=-1", "limit"],
    ["limit=1e1", "limit"],
    ["limit=", "limit"],
    ["limit=5&limit=6", "limit"],
    ["q=a&q=b", "q"],
    [`q=${"x".repeat(201)}`, "q"],
    [`tags=${"x".repeat(101)}`, "tags"],
    [`tags=${"x,".repeat(21)}`, "tags"],
    ["cursor=", "cursor"],
    [`cursor=${"x".repeat(2001)}`, "cursor"],
    ["sort=votes", "sort"],
    ["facets=1", "facets"],
    ["publisher=alice", "publisher"],
  ])("answers ?%s with 400", async (query, name) => {
    const answer = await get(`/packages?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({
      error: { code: "usage.invalid", message: expect.stringContaining(name), hint: expect.any(String) },
    });
    expect(server.backend.queries).toEqual([]);
  });

  it("refuses the cursor of another query", async () => {
    for (const id of ["a1", "a2"]) server.backend.add({ id }, contentOf(id, 10));
    const { next } = (await get("/packages?q=a&limit=1")).json() as PackageList;
    expect((await get(`/packages?q=a&limit=2&cursor=${next}`)).status).toBe(200);
    const refused = await get(`/packages?q=b&limit=1&cursor=${next}`);
    expect([refused.status, refused.json()]).toMatchObject([400, { error: { code: "search.cursor" } }]);
    expect((await get("/packages?cursor=AAAA")).status).toBe(400);
  });

  it("counts by facets when asked to", async () => {
    const facets = {
      categories: [{ value: "cli", count: 2 }],
      tags: [],
      licenses: [{ value: "mit", count: 1 }],
      publishers: [{ value: alice, count: 2 }],
      exact: true,
    };
    server.backend.facets = facets;
    expect((await get("/packages?facets=true")).json()).toEqual({ packages: [], total: 0, next: null, facets });
    expect((await get("/packages?facets=false")).json()).toEqual({ packages: [], total: 0, next: null });
  });
});

describe("GET /packages/:id", () => {
  it("tells all that is known, and nothing of what this node's user thinks of publishers", async () => {
    server.backend.add({ id: "io.x.pkg", version: "0.9.0" }, contentOf("old", 10));
    const pkg = server.backend.add(
      { id: "io.x.pkg", name: "Pkg", authors: ["Ann", "Bob"], license: "MIT", category: "cli", tags: ["t"] },
      contentOf("new", 12),
    );
    const answer = await get("/packages/io.x.pkg");
    expect(answer.json()).toMatchObject({
      id: "io.x.pkg",
      name: "Pkg",
      version: "1.0.0",
      size: 12,
      checksum: pkg.checksum,
      publisher: alice,
      description: "What io.x.pkg is for",
      author: "Ann, Bob",
      license: "MIT",
      versions: [
        { version: "0.9.0", publisher: alice, yanked: false },
        { version: "1.0.0", publisher: alice, yanked: false },
      ],
      claimants: [{ publisher: alice, latest: "1.0.0", versions: 2 }],
    });
    expect(answer.text()).not.toContain("secret friend");
  });

  it("answers a disputed id with 409 and the claimants, and publisher/id with the package", async () => {
    server.backend.add({ id: "io.x.pkg" }, contentOf("a", 10));
    server.backend.add({ id: "io.x.pkg", publisher: mallory, version: "9.9.9" }, contentOf("m", 10));
    for (const suffix of ["", "/info", "/download", "/versions/1.0.0"]) {
      const disputed = await get(`/packages/io.x.pkg${suffix}`);
      expect(disputed.status).toBe(409);
      expect(disputed.json()).toEqual({
        error: { code: "package.ambiguous", message: expect.any(String), hint: expect.stringContaining("/packages/") },
        claimants: [
          { publisher: alice, latest: "1.0.0", versions: 1 },
          { publisher: mallory, latest: "9.9.9", versions: 1 },
        ],
      });
    }
    const chosen = await get(`/packages/${encodeURIComponent(`${mallory}/io.x.pkg`)}`);
    expect(chosen.json()).toMatchObject({ version: "9.9.9", publisher: mallory });
    expect((await get(`/packages/${mallory.slice(0, 12)}%2fio.x.pkg`)).status).toBe(200);
  });

  it("distinguishes what does not exist from what it cannot know", async () => {
    const missing = await get("/packages/no-such");
    expect([missing.status, missing.json()]).toMatchObject([404, { error: { code: "package.not-found" } }]);
    server.backend.add({ id: "here" }, contentOf("a", 10));
    const version = await get("/packages/here/versions/3.0.0");
    expect([version.status, version.json()]).toMatchObject([404, { error: { code: "package.version-not-found" } }]);
  });

  it("answers a withdrawn version with 410 and a version signed twice with 409", async () => {
    server.backend.add({ id: "gone", yanked: { reason: "leaked a key" } }, contentOf("g", 10));
    server.backend.add({ id: "twice", conflicted: true }, contentOf("t", 10));
    for (const suffix of ["", "/info", "/download"]) {
      const gone = await get(`/packages/gone/versions/1.0.0${suffix}`);
      expect([gone.status, gone.json()]).toMatchObject([
        410,
        { error: { code: "package.yanked", message: expect.stringContaining("leaked a key") } },
      ]);
      expect((await get(`/packages/gone${suffix}`)).status).toBe(suffix === "" ? 200 : 410);
      const twice = await get(`/packages/twice/versions/1.0.0${suffix}`);
      expect([twice.status, twice.json()]).toMatchObject([409, { error: { code: "package.conflict" } }]);
    }
  });
});

describe("GET /packages/:id/info", () => {
  it("gives an absolute URL that downloads the very bytes, also of an older version and of a publisher", async () => {
    const { port } = server.gateway;
    server.backend.add({ id: "pkg", version: "1.0.0-beta.1" }, contentOf("b", 33));
    const pkg = server.backend.add({ id: "pkg" }, contentOf("c", 44));
    expect((await get("/packages/pkg/info")).json()).toEqual({
      id: "pkg",
      version: "1.0.0",
      download_url: `http://127.0.0.1:${port}/packages/pkg/download`,
      size: 44,
      checksum: pkg.checksum,
      algorithm: "SHA256",
    });
    for (const [path, bytes] of [
      ["/packages/pkg/versions/1.0.0-beta.1/info", contentOf("b", 33)],
      [`/packages/${alice}%2Fpkg/info`, contentOf("c", 44)],
    ] as const) {
      const { download_url: url } = (await get(path)).json() as { download_url: string };
      const downloaded = await fetch(url);
      expect(Buffer.from(await downloaded.arrayBuffer()).equals(bytes)).toBe(true);
    }
  });
});
