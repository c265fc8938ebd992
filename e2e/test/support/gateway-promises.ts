import { mkdirSync, mkdtempSync, statSync } from "node:fs";
import { join } from "node:path";

import { treeFiles } from "@ggen/testkit";
import { expect } from "vitest";

import { type Answer, curl, download, sha256sum, untar } from "./curl.ts";
import type { Published } from "./node-api.ts";
import { expectedTree } from "./package-tree.ts";

/** A package that was published, and the folder that it was made of. */
export interface Source extends Published {
  readonly folder: string;
}

/**
 * Everything that the documents promise of a gateway that has a package, asked with curl and checked by other tools.
 * @param scratch - a folder for what is downloaded
 */
export async function keepsThePromises(url: string, source: Source, peerId: string, scratch: string): Promise<void> {
  const root = await curl(url);
  expect(root.headers["content-type"]).toMatch(/^application\/json/);
  expect(root.json()).toEqual({
    name: "ggen",
    version: "2.4.0",
    peer_id: peerId,
    capabilities: expect.arrayContaining(["package_list", "package_download", "checksum_verification"]) as unknown,
  });
  expect((await curl(url, ["-H", "Accept: text/html"])).headers["content-type"]).toMatch(/^text\/html/);

  const list = (await curl(`${url}/packages?limit=100`)).json() as { packages: Record<string, unknown>[] };
  expect(Object.keys(list).sort()).toEqual(["next", "packages", "total"]);
  const row = list.packages.find(({ id }) => id === source.id);
  const { id, version, size, checksum } = source;
  expect(row).toEqual({ id, name: row?.["name"], version, size, checksum, publisher: source.publisher });

  const one = (await curl(`${url}/packages/${id}`)).json() as Record<string, unknown>;
  expect(one).toMatchObject({
    ...row,
    license: "MIT",
    versions: expect.arrayContaining([{ version, publisher: source.publisher, yanked: false }]) as unknown,
    claimants: [{ publisher: source.publisher, latest: version }],
  });
  expect(Object.keys(one)).toEqual(expect.arrayContaining(["description", "author"]));
  const byPublisher = await curl(`${url}/packages/${encodeURIComponent(`${source.publisher}/${id}`)}`);
  expect(byPublisher.json()).toEqual(one);

  const info = (await curl(`${url}/packages/${id}/info`)).json() as { download_url: string; checksum: string };
  const downloadUrl = `${new URL(url).origin}/packages/${id}/download`;
  expect(info).toEqual({ id, version, download_url: downloadUrl, size, checksum, algorithm: "SHA256" });

  const folder = mkdtempSync(join(scratch, "out-"));
  const file = join(folder, "archive.tar");
  expect(await download(info.download_url, file)).toBe(200);
  expect(statSync(file).size).toBe(size);
  expect(await sha256sum(file)).toBe(info.checksum);
  mkdirSync(join(folder, "tree"));
  await untar(file, join(folder, "tree"));
  expect(await treeFiles(join(folder, "tree"))).toEqual(await expectedTree(source.folder));
}

/** What a gateway answers when it refuses. */
export function expectError(got: Answer, status: number, code: string): void {
  expect(got.json()).toMatchObject({
    error: { code, message: expect.any(String) as unknown, hint: expect.any(String) as unknown },
  });
  expect(got.status).toBe(status);
}
