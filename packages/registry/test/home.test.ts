import { fork } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { createSigner, systemRandom } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { lockHome, readLockHolder } from "../src/home/lock.ts";
import { keepPorts, keptAddresses } from "../src/home/ports.ts";
import { keepReserve } from "../src/home/reserve.ts";
import { loadOrCreateSeed } from "../src/home/secret-file.ts";
import { createRecoveryWords, rotationSigner } from "../src/keys/recovery-words.ts";
import { openRegistry, startRegistry, temporaryFolder } from "./harness.ts";

describe("the lock of a home", () => {
  it("refuses a second holder and names the first", async () => {
    const home = await temporaryFolder();
    const lock = lockHome(home, 1);
    expect(() => lockHome(home, 2)).toThrow(expect.objectContaining({ code: "home.locked" }));
    expect(readLockHolder(home)?.pid).toBe(process.pid);
    lock.release();
    lockHome(home, 3).release();
  });

  it("is free again after kill -9 of its holder", async () => {
    const home = await temporaryFolder();
    const child = fork(join(import.meta.dirname, "fixtures/hold-lock.ts"), [home], {
      stdio: "ignore",
      execArgv: ["--expose-gc"],
    });
    await once(child, "message");
    expect(() => lockHome(home, 1)).toThrow(expect.objectContaining({ data: { home, pid: child.pid } }));
    child.kill("SIGKILL");
    await once(child, "exit");
    lockHome(home, 1).release();
  });
});

describe("keys", () => {
  it("keeps the identity over restarts, readable by its owner only", async () => {
    const home = await temporaryFolder();
    const first = await startRegistry({}, home);
    const { peerId, addresses } = first;
    await first.close();
    expect((await stat(join(home, "identity.key"))).mode & 0o777).toBe(0o600);
    const second = await startRegistry({}, home);
    expect(second.peerId).toBe(peerId);
    expect(second.addresses).toEqual(addresses);
  });

  it("narrows a key file that others could read", async () => {
    const path = join(await temporaryFolder(), "k");
    const seed = await loadOrCreateSeed(path, () => systemRandom.bytes(32));
    await chmod(path, 0o644);
    expect(await loadOrCreateSeed(path, () => new Uint8Array(32))).toEqual(seed);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("refuses a damaged key file and leaves it alone", async () => {
    const home = await temporaryFolder();
    await writeFile(join(home, "identity.key"), "not a key");
    const registry = await openRegistry({}, home);
    await expect(registry.start()).rejects.toMatchObject({ code: "identity.invalid" });
    expect(await readFile(join(home, "identity.key"), "utf8")).toBe("not a key");
  });

  it("gets the rotation key back from its words, and refuses a wrong word", () => {
    const words = createRecoveryWords(systemRandom);
    const signer = rotationSigner(words);
    expect(rotationSigner(`  ${words.toUpperCase()} `).publicKey).toEqual(signer.publicKey);
    expect(createSigner(new Uint8Array(32)).publicKey).not.toEqual(signer.publicKey);
    const wrong = words.split(" ").with(3, "zoo").with(4, "zoo").join(" ");
    expect(() => rotationSigner(wrong)).toThrow(expect.objectContaining({ code: "identity.invalid" }));
  });
});

it("sets room aside again where a power cut left the file without its bytes", async () => {
  const home = await temporaryFolder();
  await writeFile(join(home, "reserve"), "");
  keepReserve(home, (length) => systemRandom.bytes(length));
  expect((await stat(join(home, "reserve"))).size).toBe(256 * 1024);
});

it("keeps the port that was chosen for port 0", async () => {
  const file = join(await temporaryFolder(), "ports.json");
  const configured = ["/ip4/0.0.0.0/tcp/0", "/ip4/127.0.0.1/tcp/7777"];
  expect(keptAddresses(file, configured)).toEqual(configured);
  keepPorts(file, configured, ["/ip4/127.0.0.1/tcp/40123/p2p/12D3KooW", "/ip4/127.0.0.1/tcp/7777"]);
  expect(keptAddresses(file, configured)).toEqual(["/ip4/0.0.0.0/tcp/40123", "/ip4/127.0.0.1/tcp/7777"]);
});
