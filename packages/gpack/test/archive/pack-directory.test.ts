import { execFile } from "node:child_process";
import { appendFile, chmod, mkdir, open, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, it, onTestFinished } from "vitest";

import { packDirectory, packFiles } from "../../src/index.ts";
import { checksumOf, collect, writeTree } from "../support/bytes.ts";
import { temporaryFolder } from "../support/temporary.ts";

const run = promisify(execFile);
const maxBytes = 1 << 26;
const tree = { "gpack.toml": "[gpack]\n", "a/b.txt": "b", "a.txt": "a", "B.md": "B", "run.sh": "#!/bin/sh\n" };

async function digest(directory: string): Promise<string> {
  return checksumOf(await collect((await packDirectory(directory, { maxBytes })).read()));
}

describe("a folder's archive", () => {
  it("is that of the same files in memory, sorted by byte", async () => {
    const root = await temporaryFolder();
    await writeTree(root, tree);
    const archive = await packDirectory(root, { maxBytes });
    expect(archive.files).toEqual([
      { path: "B.md", size: 1, executable: false },
      { path: "a.txt", size: 1, executable: false },
      { path: "a/b.txt", size: 1, executable: false },
      { path: "gpack.toml", size: 8, executable: false },
      { path: "run.sh", size: 10, executable: true },
    ]);
    expect(await digest(root)).toBe(checksumOf(await collect(packFiles(tree, { maxBytes }).read())));
  });

  it("does not depend on order, modes, times, umask or locale", async () => {
    const [one, two] = [await temporaryFolder(), await temporaryFolder()];
    await writeTree(one, tree);
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    await writeTree(two, Object.fromEntries(Object.entries(tree).reverse()));
    await mkdir(join(two, "empty"));
    await chmod(join(two, "a.txt"), 0o755);
    await utimes(join(two, "B.md"), 1, 1);
    expect(await digest(two)).toBe(await digest(one));
    const code = `import { packDirectory } from ${JSON.stringify(import.meta.resolve("../../src/index.ts"))};
      import { createHash } from "node:crypto";
      const hash = createHash("sha256");
      for await (const piece of (await packDirectory(process.argv[1], { maxBytes: ${maxBytes} })).read()) hash.update(piece);
      console.log("sha256:" + hash.digest("hex"));`;
    const env = { ...process.env, LC_ALL: "tr_TR.UTF-8", TZ: "Pacific/Apia" };
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code, two], { env });
    expect(stdout.trim()).toBe(await digest(one));
  });

  it("leaves out .git, node_modules, the root's .ggen and what .ggenignore names", async () => {
    const root = await temporaryFolder();
    await writeTree(root, {
      ...tree,
      ".git/config": "",
      "a/node_modules/x/index.js": "",
      ".ggen/packages/x": "",
      ".ggenignore": "*.log\n!keep.log\nbuild/\n/top.txt\n",
      "a/x.log": "",
      "keep.log": "",
      "build/out": "",
      "a/build": "a file, which build/ does not mean",
      "top.txt": "",
      "a/top.txt": "",
      "ünused.log": "",
    });
    await symlink("/etc/passwd", join(root, "link.log"));
    const { files } = await packDirectory(root, { maxBytes });
    const extra = files.map(({ path }) => path).filter((path) => !(path in tree));
    expect(extra).toEqual([".ggenignore", "a/build", "a/top.txt", "keep.log"]);
  });

  it("is streamed in pieces of 1 MiB", async () => {
    const root = await temporaryFolder();
    await writeTree(root, tree);
    await truncate(join(root, "a.txt"), 5_000_001);
    const archive = await packDirectory(root, { maxBytes });
    const sizes: number[] = [];
    for await (const piece of archive.read()) sizes.push(piece.byteLength);
    expect(sizes.slice(0, -1)).toEqual(sizes.slice(0, -1).map(() => 1 << 20));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(archive.size);
  });

  it("may itself be reached through a link", async () => {
    const [root, other] = [await temporaryFolder(), await temporaryFolder()];
    await writeTree(root, tree);
    await symlink(root, join(other, "link"));
    expect(await digest(join(other, "link"))).toBe(await digest(root));
  });
});

describe("what cannot be packed is named", () => {
  const refused = { code: "archive.unsupported-entry" };

  it("links to files, folders and nothing", async () => {
    for (const to of ["gpack.toml", ".", "/nowhere"]) {
      const root = await temporaryFolder();
      await writeTree(root, { ...tree, "sub/x": "" });
      await symlink(to, join(root, "sub", "link"));
      await expect(packDirectory(root, { maxBytes })).rejects.toMatchObject({ ...refused, data: { path: "sub/link" } });
    }
  });

  it("pipes and sockets", async () => {
    const root = await temporaryFolder();
    await run("mkfifo", [join(root, "pipe")]);
    await expect(packDirectory(root, { maxBytes })).rejects.toMatchObject({ ...refused, got: "a named pipe" });
    await rm(join(root, "pipe"));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, "s"), resolve));
    onTestFinished(() => void server.close());
    await expect(packDirectory(root, { maxBytes })).rejects.toMatchObject({ ...refused, got: "a socket" });
  });

  it.each([["ü.txt"], ["a:b"], ["aux.rs"], ["trailing."], ["tab\there"], ["what?"], ["x".repeat(120)]])(
    "the name %j",
    async (name) => {
      const root = await temporaryFolder();
      await writeFile(join(root, name), "");
      await expect(packDirectory(root, { maxBytes })).rejects.toMatchObject({ ...refused, data: { path: name } });
    },
  );

  it("a name that is not UTF-8", async () => {
    const root = await temporaryFolder();
    await writeFile(Buffer.concat([Buffer.from(`${root}/a`), Buffer.from([0xff])]), "");
    await expect(packDirectory(root, { maxBytes })).rejects.toMatchObject({
      ...refused,
      got: "a name that is not UTF-8",
    });
  });

  it("names that differ by case only", () => {
    expect(() => packFiles({ "README.md": "", "readme.md": "" }, { maxBytes })).toThrow(/compared without case/);
    expect(() => packFiles({ "Docs/a": "", "docs/b": "" }, { maxBytes })).toThrow(/another spelling/);
    expect(() => packFiles({ "../a": "" }, { maxBytes })).toThrow(/as a part/);
    expect(() => packFiles({ ".git/config": "" }, { maxBytes })).toThrow(/\.git/);
  });

  it("files that cannot be read", async () => {
    const root = await temporaryFolder();
    await writeTree(root, tree);
    await chmod(root, 0o755);
    await chmod(join(root, "a"), 0o755);
    await chmod(join(root, "a.txt"), 0o000);
    if (process.geteuid?.() === 0) {
      process.seteuid?.(65_534);
      onTestFinished(() => process.seteuid?.(0));
    }
    const attempt = packDirectory(root, { maxBytes });
    await expect(attempt).rejects.toMatchObject({
      code: "archive.unreadable",
      got: "permission denied (EACCES)",
      data: { path: "a.txt" },
    });
    process.seteuid?.(process.getuid?.() ?? 0);
  });

  it("a folder that is not there", async () => {
    await expect(packDirectory("/no/such/folder", { maxBytes })).rejects.toMatchObject({ code: "archive.unreadable" });
  });

  it("a folder over the cap", async () => {
    const root = await temporaryFolder();
    await writeTree(root, tree);
    const { size } = await packDirectory(root, { maxBytes });
    await expect(packDirectory(root, { maxBytes: size - 1 })).rejects.toMatchObject({ code: "archive.too-large" });
    expect((await packDirectory(root, { maxBytes: size })).size).toBe(size);
  });
});

describe("a file that changes while it is packed", () => {
  it.each([
    ["grows", (path: string) => appendFile(path, "more")],
    ["shrinks", (path: string) => truncate(path, 0)],
    ["gets another mode", (path: string) => chmod(path, 0o600)],
    ["goes away", (path: string) => rm(path)],
  ])("is an error when it %s", async (_, change) => {
    const root = await temporaryFolder();
    await writeTree(root, tree);
    const archive = await packDirectory(root, { maxBytes });
    await change(join(root, "a.txt"));
    await expect(collect(archive.read())).rejects.toMatchObject({ code: "archive.changed", data: { path: "a.txt" } });
  });

  it("is an error when it changes between two pieces of it", async () => {
    const root = await temporaryFolder();
    await writeTree(root, tree);
    await truncate(join(root, "a.txt"), 3 << 20);
    const archive = await packDirectory(root, { maxBytes });
    const attempt = async (): Promise<void> => {
      for await (const piece of archive.read()) {
        if (piece.byteLength > 0) {
          const handle = await open(join(root, "a.txt"), "r+");
          await handle.write("!");
          await handle.close();
        }
      }
    };
    await expect(attempt()).rejects.toMatchObject({ code: "archive.changed" });
  });

  it("is never followed when it becomes a link", async () => {
    const root = await temporaryFolder();
    await writeTree(root, tree);
    const archive = await packDirectory(root, { maxBytes });
    await rm(join(root, "a.txt"));
    await symlink("/etc/passwd", join(root, "a.txt"));
    await expect(collect(archive.read())).rejects.toMatchObject({ code: "archive.unsupported-entry" });
  });

  it("stops when its caller does", async () => {
    const root = await temporaryFolder();
    await writeTree(root, tree);
    const archive = await packDirectory(root, { maxBytes });
    await expect(collect(archive.read(AbortSignal.abort()))).rejects.toMatchObject({ code: "aborted" });
    await expect(packDirectory(root, { maxBytes, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
  });
});
