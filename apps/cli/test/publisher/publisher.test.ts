import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createFolder, ggen, json } from "../support/ggen.ts";

interface Key {
  readonly rank: number;
  readonly key: string;
  readonly recoveryWords: string;
}

async function keep(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** The text of every file below a folder. */
async function everything(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, "latin1")))).join("\n");
}

describe("ggen publisher", () => {
  it("makes ranked keys, grants, revokes and claims with as many of them as the threshold asks for", async () => {
    const [home, folder] = await Promise.all([createFolder(), createFolder()]);
    const made = json(await ggen(home, ["publisher", "init", "--keys", "3", "--threshold", "2", "--json"]));
    const keys = made["rotationKeys"] as readonly Key[];
    const [one, two] = keys.map(({ recoveryWords }) => recoveryWords);
    const both = await keep(folder, "both.txt", `${one}\n${two}\n`);
    const alone = await keep(folder, "alone.txt", `${one}\n${one}\n`);

    const refused = await ggen(home, ["publisher", "grant", "--new", "--words-file", alone]);
    expect(refused.status).toBe(5);
    expect(refused.stderr).toContain("2 of its 3 rotation keys");

    const granted = json(
      await ggen(home, ["publisher", "grant", "--new", "--label", "second", "--words-file", both, "--json"]),
    );
    expect(granted).toMatchObject({ schema: 1, publisher: made["publisher"], label: "second", mode: "short-lived" });
    const revoked = await ggen(home, [
      "publisher",
      "revoke",
      String(granted["key"]).slice(0, 12),
      "--words-file",
      both,
    ]);
    expect(revoked.stdout).toContain("is revoked");
    const claimed = await ggen(home, ["publisher", "domain", "example.com", "--words-file", both]);
    expect(claimed.stdout).toContain(`_ggen.example.com. TXT "ggen1 publisher=${String(made["publisher"])}"`);

    const shown = await ggen(home, ["publisher", "show"]);
    expect(shown.stdout).toMatch(/threshold: +2 of 3/);
    expect(shown.stdout).toContain("second (on this machine, revoked)");
    expect(shown.stdout).toContain("example.com");

    const said = [refused, revoked, claimed, shown].map(({ stdout, stderr }) => stdout + stderr).join("\n");
    const kept = await everything(home);
    for (const { recoveryWords } of keys) {
      const beginning = recoveryWords.split(" ").slice(0, 3).join(" ");
      expect(said).not.toContain(beginning);
      expect(kept).not.toContain(beginning);
    }
  });

  it("keeps rotation keys in encrypted files, and rotates from one to another", async () => {
    const [home, folder] = await Promise.all([createFolder(), createFolder()]);
    const passphrase = await keep(folder, "passphrase.txt", "correct horse battery\n");
    const [first, second] = [join(folder, "first.key"), join(folder, "second.key")];
    const made = await ggen(home, [
      "publisher",
      "init",
      "--key-file",
      first,
      "--passphrase-file",
      passphrase,
      "--json",
    ]);
    expect(json(made)).toMatchObject({ rotationKeys: [{ rank: 1, file: first }] });
    expect(made.stdout).not.toContain("recoveryWords");
    expect((await stat(first)).mode & 0o777).toBe(0o600);

    const rotate = ["publisher", "rotate", "--passphrase-file", passphrase, "--json"];
    const rotated = await ggen(home, [...rotate, "--key-file", first, "--new-key-file", second]);
    expect(json(rotated)).toMatchObject({ schema: 1, overridden: [] });
    const again = await ggen(home, [...rotate, "--key-file", first, "--new-key-file", join(folder, "third.key")]);
    expect(json(again)).toMatchObject({ error: { code: "publisher.unauthorised" } });
    const granted = await ggen(home, [
      "publisher",
      "grant",
      "--new",
      "--key-file",
      second,
      "--passphrase-file",
      passphrase,
    ]);
    expect(granted.stdout).toContain("may sign");
  });

  it("never overwrites a key file, and signs nothing when it cannot keep the new key", async () => {
    const [home, folder] = await Promise.all([createFolder(), createFolder()]);
    const passphrase = await keep(folder, "passphrase.txt", "correct horse battery");
    const taken = await keep(folder, "taken.key", "mine");
    const refused = await ggen(home, [
      "publisher",
      "init",
      "--key-file",
      taken,
      "--passphrase-file",
      passphrase,
      "--json",
    ]);
    expect(json(refused)).toMatchObject({ error: { code: "usage.invalid" } });
    expect(await readFile(taken, "utf8")).toBe("mine");
    expect(json(await ggen(home, ["publisher", "list", "--json"]))).toMatchObject({ publishers: [] });
  });

  it("asks for a file where there is no terminal, and does not repeat what it was given", async () => {
    const [home, folder] = await Promise.all([createFolder(), createFolder()]);
    await ggen(home, ["publisher", "init"]);
    const asked = await ggen(home, ["publisher", "grant", "--new"]);
    expect(asked.status).toBe(2);
    expect(asked.stderr).toContain("--words-file");
    const wrong = await keep(folder, "wrong.txt", "certainly not the words of anybody");
    const refused = await ggen(home, ["publisher", "recover", "--words-file", wrong], { env: { GGEN_LOG: "trace" } });
    expect(refused.status).toBe(2);
    expect(refused.stderr + refused.stdout).not.toContain("certainly");
  });

  it("says on a new machine what recovery needs", async () => {
    const [home, folder] = await Promise.all([createFolder(), createFolder()]);
    const made = json(await ggen(await createFolder(), ["publisher", "init", "--json"]));
    const words = await keep(folder, "words.txt", String(made["recoveryWords"]));
    const refused = await ggen(home, ["publisher", "recover", "--words-file", words]);
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain("ggen marketplace p2p start --daemon --bootstrap");
    const requested = json(
      await ggen(home, [
        "publisher",
        "grant",
        "--new",
        "--request",
        "--publisher",
        String(made["publisher"]),
        "--json",
      ]),
    );
    expect(requested).toMatchObject({
      granted: false,
      command: expect.stringContaining("ggen publisher grant ") as string,
    });
  });
});
