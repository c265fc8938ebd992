import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import type { Clock } from "@ggen/p2p-types";
import { describe, expect, it, onTestFinished } from "vitest";

import { connectControl, controlSocketPath, maxSocketPathBytes, serveControl } from "../src/index.ts";
import { createHome, createNode, serve } from "./fake-node.ts";

const api = createNode({});
/** A clock that never lets anything time out by itself. */
const stillClock: Clock = {
  now: () => 0,
  monotonic: () => 0,
  sleep: () => new Promise(() => {}),
  every: () => () => {},
};
/** A clock on which every wait is over at once. */
const hastyClock: Clock = { ...stillClock, sleep: () => Promise.resolve() };

describe("controlSocketPath", () => {
  it("stays in the home when that is short", () => {
    expect(controlSocketPath("/home/me/.ggen", {})).toBe("/home/me/.ggen/run/control.sock");
  });

  it("moves to a short private directory named by the home when it is long", () => {
    const home = `/home/${"x".repeat(100)}`;
    const path = controlSocketPath(home, { XDG_RUNTIME_DIR: "/run/user/1000" });
    expect(path).toMatch(/^\/run\/user\/1000\/ggen-[0-9a-f]{16}\/control\.sock$/);
    expect(controlSocketPath(`${home}y`, { XDG_RUNTIME_DIR: "/run/user/1000" })).not.toBe(path);
    expect(controlSocketPath(home, { TMPDIR: "/t" })).toMatch(/^\/t\/ggen-\d+-[0-9a-f]{16}\/control\.sock$/);
  });

  it("counts bytes, not characters", () => {
    const home = `/${"é".repeat(50)}`;
    expect(home.length).toBeLessThan(maxSocketPathBytes - "/run/control.sock".length);
    expect(controlSocketPath(home, { TMPDIR: "/t" })).toMatch(/^\/t\//);
  });

  it("refuses when nothing is short enough", () => {
    const long = `/${"x".repeat(120)}`;
    expect(() => controlSocketPath(long, { TMPDIR: long })).toThrow(
      expect.objectContaining({ code: "control.path-too-long" }),
    );
  });
});

describe("the socket", () => {
  it("is reachable by its own user only, whatever the umask", async () => {
    const previous = process.umask(0);
    onTestFinished(() => void process.umask(previous));
    const { path } = await serve({});
    expect(process.umask()).toBe(0);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, ".."))).mode & 0o777).toBe(0o700);
  });

  it("replaces the file of a process that was killed", async () => {
    const path = join(await createHome(), "control.sock");
    const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect((await stat(path)).isSocket()).toBe(true);
    const server = await serveControl({ path, api });
    await connectControl(path);
    await server.close();
  });

  it("is refused while a live process has it", async () => {
    const { path } = await serve({});
    await expect(serveControl({ path, api })).rejects.toMatchObject({ code: "registry.already-running" });
    await connectControl(path);
  });

  it("never replaces something that is not a socket", async () => {
    const path = join(await createHome(), "control.sock");
    await writeFile(path, "mine");
    await expect(serveControl({ path, api })).rejects.toMatchObject({ code: "storage.failed" });
    expect((await stat(path)).isFile()).toBe(true);
  });

  it("is gone after close, and close may be called twice", async () => {
    const { path, server } = await serve({});
    await Promise.all([server.close(), server.close()]);
    expect(await readdir(join(path, ".."))).toEqual([]);
  });

  it("is not placed in a directory that is a link", async () => {
    const home = await createHome();
    await mkdir(join(home, "elsewhere"));
    await symlink(join(home, "elsewhere"), join(home, "run"));
    await expect(serveControl({ path: join(home, "run", "control.sock"), api })).rejects.toMatchObject({
      code: "home.unwritable",
    });
  });
});

describe("connectControl", () => {
  it("says that the node is not running when there is no socket", async () => {
    const home = await createHome();
    await expect(connectControl(join(home, "run", "control.sock"))).rejects.toMatchObject({
      code: "registry.not-running",
    });
    await expect(connectControl(join(home, "control.sock"))).rejects.toMatchObject({ code: "registry.not-running" });
  });

  it("does not talk over a directory that others may write", async () => {
    const { path } = await serve({});
    await chmod(join(path, ".."), 0o777);
    await expect(connectControl(path)).rejects.toMatchObject({ code: "control.unreachable" });
  });

  it("says unreachable when the process does not answer", async () => {
    const path = join(await createHome(), "control.sock");
    const server = createServer(() => undefined).listen(path);
    onTestFinished(() => void server.close());
    await once(server, "listening");
    await expect(connectControl(path, { clock: hastyClock })).rejects.toMatchObject({ code: "control.unreachable" });
  });

  it.each([
    ["garbage", "hello\n"],
    ["another HTTP server", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"],
    ["an endless line", `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(5000)}`],
    ["an early end", ""],
  ])("says unreachable when it meets %s", async (_, answer) => {
    const path = join(await createHome(), "control.sock");
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end(answer);
    }).listen(path);
    onTestFinished(() => void server.close());
    await once(server, "listening");
    await expect(connectControl(path, { clock: stillClock })).rejects.toMatchObject({ code: "control.unreachable" });
  });
});
