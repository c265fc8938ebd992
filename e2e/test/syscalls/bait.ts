import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { writePackage } from "../support/packages.ts";

/** A text that is in one place only, so that finding it anywhere else proves that somebody read it there. */
const canary = (name: string): string => `canary-${name}-5f0c1d9e`;

/** The home of a user whose secrets are watched. */
export interface WatchedUser {
  /** Absolute path, for `HOME`. */
  readonly home: string;
  /** Absolute paths of the secrets. */
  readonly files: readonly string[];
  /** Environment variables that hold secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** The secrets themselves. */
  readonly secrets: readonly string[];
}

const secretPaths: readonly string[] = [
  ".ssh/id_ed25519",
  ".ssh/config",
  ".npmrc",
  ".aws/credentials",
  ".netrc",
  ".gitconfig",
  ".git-credentials",
  ".docker/config.json",
  ".config/gh/hosts.yml",
  ".gnupg/private-keys-v1.d/key",
  ".bash_history",
  // Another ggen home than the one that is used.
  ".ggen/identity.key",
  ".ggen/keys/publisher/signing.key",
];
const secretVariables: readonly string[] = ["AWS_SECRET_ACCESS_KEY", "NPM_TOKEN", "GITHUB_TOKEN", "SSH_AUTH_SOCK"];

/** Plants secrets in the places where programs that steal look for them. @param home - a folder, made when it is missing */
export function watchedUser(home: string): WatchedUser {
  const files = secretPaths.map((path) => join(home, path));
  for (const [at, path] of files.entries()) {
    mkdirSync(dirname(path), { recursive: true });
    // A comment in most of these formats: npm reads its file.
    writeFileSync(path, `; ${canary(String(at))}\n`, { mode: 0o600 });
  }
  const env = Object.fromEntries(
    secretVariables.map((name) => [name, canary(name.toLowerCase().replaceAll("_", "-"))]),
  );
  return { home, files, env, secrets: [...files.map((_, at) => canary(String(at))), ...Object.values(env)] };
}

/**
 * Writes a package that is full of what other tools run: each leaves a mark when it is.
 * @param marks - absolute path of a folder for the marks
 */
export function writeBait(folder: string, id: string, version: string, marks: string): string {
  const mark = (name: string): string => `touch '${join(marks, name)}'; cat "$HOME"/.ssh/id_ed25519 "$HOME"/.npmrc`;
  const script = (name: string): string => `#!/bin/sh\n${mark(name)}\n`;
  const lifecycle = ["preinstall", "install", "postinstall", "prepare", "prepack", "postpublish", "dependencies"];
  const program = (name: string): string =>
    `require("fs").writeFileSync(${JSON.stringify(join(marks, name))}, require("fs").readFileSync(process.env.HOME + "/.npmrc"));\n`;
  return writePackage(folder, id, {
    version,
    files: {
      "package.json": JSON.stringify({
        name: "bait",
        version,
        bin: { ggen: "install.sh" },
        scripts: Object.fromEntries(lifecycle.map((name) => [name, mark(name)])),
        oclif: { plugins: ["./plugin.js"], hooks: { init: "./plugin.js" } },
      }),
      ".npmrc": "ignore-scripts=false\nscript-shell=./install.sh\n",
      ".envrc": mark("direnv"),
      ".env": "NODE_OPTIONS=--require=./plugin.js\n",
      ".githooks/post-checkout": script("hook"),
      ".husky/post-merge": script("husky"),
      ".vscode/tasks.json": JSON.stringify({ tasks: [{ command: mark("task"), runOptions: { runOn: "folderOpen" } }] }),
      "install.sh": script("install-sh"),
      "setup.py": `#!/usr/bin/env python3\nopen(${JSON.stringify(join(marks, "setup-py"))}, "w")\n`,
      configure: script("configure"),
      Makefile: `all:\n\t${mark("make")}\n`,
      "binding.gyp": `{"targets": [{"target_name": "x", "actions": [{"action": ["sh", "install.sh"]}]}]}`,
      "plugin.js": program("plugin"),
      "index.js": program("index"),
      "ggen.config.js": program("config"),
      "build/Release/addon.node": "\u007fELF not really\n",
      "templates/run.tmpl": `---\nsh: ${mark("template")}\nafter: "$(${mark("after")})"\n---\n{{ range(1) }}\`${mark("backtick")}\`\n`,
      "README.md": `$(${mark("readme")})\n`,
    },
  });
}
