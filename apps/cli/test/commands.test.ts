import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { type Config, Parser } from "@oclif/core";
import { beforeAll, describe, expect, it } from "vitest";

import { expandAliases } from "../src/command-line/aliases.ts";
import { renderReference } from "./support/reference.ts";
import { loadCommands, type LoadedCommand } from "./support/commands.ts";

/** Every command of the documented surface with its flags; a short flag stands before its long one. */
const surface: Readonly<Record<string, string>> = {
  "marketplace p2p start": "l/listen b/bootstrap dht-server d/daemon c/config http",
  "marketplace p2p stop": "",
  "marketplace p2p logs": "follow",
  "marketplace p2p status": "",
  "marketplace p2p search": "c/category t/tags l/limit offset min-reputation sort",
  "marketplace p2p publish": "v/version skip-verify dry-run replicas",
  "marketplace p2p peer-list": "v/verbose min-reputation f/format",
  "marketplace p2p peer-info": "full",
  "marketplace p2p bootstrap": "t/timeout",
  "marketplace search": "c/category t/tags l/limit offset min-reputation sort",
  "marketplace info": "",
  "marketplace list": "detailed",
  "marketplace publish": "v/version skip-verify dry-run replicas",
  "marketplace install": "target g/global force dry-run no-dependencies frozen-lockfile publisher",
  "marketplace update": "dry-run",
  "marketplace remove": "dry-run",
  "marketplace outdated": "",
  "marketplace yank": "reason",
  "marketplace unyank": "",
  "publisher init": "keys threshold key-file",
  "publisher show": "",
  "publisher list": "",
  "publisher grant": "new request label words-file key-file",
  "publisher revoke": "at head words-file key-file",
  "publisher rotate": "keys threshold new-key-file words-file key-file",
  "publisher recover": "label nickname words-file key-file",
  "publisher domain": "drop words-file key-file",
  "publisher trust": "",
  "publisher untrust": "",
  "cache status": "",
  "cache verify": "",
  "cache gc": "",
  "cache pin": "",
  "cache unpin": "",
  "config show": "origin",
  "config get": "",
  "config set": "",
  "config path": "",
  "config validate": "",
  doctor: "",
  why: "",
};

let commands: ReadonlyMap<string, LoadedCommand>;
let config: Config;

beforeAll(async () => {
  ({ commands, config } = await loadCommands());
});

describe("the surface", () => {
  it.each(Object.entries(surface))("%s takes its flags", (id, flags) => {
    const command = commands.get(id);
    expect(command).toBeDefined();
    for (const flag of flags.split(" ").filter((text) => text !== "")) {
      const [char, name] = flag.includes("/") ? flag.split("/") : [undefined, flag];
      expect(Object.keys(command?.flags ?? {})).toContain(name);
      if (char !== undefined) expect(command?.flags[name ?? ""]?.char).toBe(char);
    }
  });

  it("is documented: docs/reference/cli.md shows exactly these commands", async () => {
    const file = fileURLToPath(new URL("../../../docs/reference/cli.md", import.meta.url));
    const expected = renderReference(commands);
    if (process.env["UPDATE_DOCS"] === "1") {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, expected);
    }
    expect(await readFile(file, "utf8")).toBe(expected);
  });
});

describe("every command", () => {
  it("describes itself and answers in JSON", () => {
    expect([...commands.keys()]).toEqual(expect.arrayContaining(Object.keys(surface)));
    const odd = [...commands].filter(
      ([, command]) => !command.class.enableJsonFlag || command.class.description?.endsWith(".") !== true,
    );
    expect(odd.map(([id]) => id)).toEqual([]);
  });

  it("shows examples of itself that parse", async () => {
    for (const [id, command] of commands) {
      expect([id, command.examples.length]).not.toEqual([id, 0]);
      for (const example of command.examples) {
        const [program, ...words] = splitWords(example);
        const argv = expandAliases(words);
        const length = id.split(" ").length;
        expect([program, ...argv.slice(0, length)].join(" ")).toBe(`ggen ${id}`);
        const { args, flags, strict } = command.class;
        const given = { args, flags, strict };
        const rest = argv.slice(length).filter((word) => word !== "--json");
        const input = { ...given, "--": true as const, context: { config } as never };
        await expect(Parser.parse(rest, input)).resolves.toBeDefined();
      }
    }
  });
});

function splitWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}
