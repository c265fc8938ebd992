import { glob, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { Plugin } from "@oclif/core";
import { build, type Plugin as RolldownPlugin } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Modules of threads: files of their own beside the bundle, found there at run time. */
const workers = {
  "hash-worker": "cache/src/hash/hash-worker.ts",
  "search-worker": "catalog/src/search/search-worker.ts",
  "signature-worker": "catalog/src/verify/signature-worker.ts",
};
const placeholder = "globalThis.ggenWorkerUrl_";

let workerCalls = 0;

const worker: RolldownPlugin = {
  name: "ggen-worker",
  transform(code) {
    const call = /import\.meta\.resolve\(\s*["']@ggen\/p2p-[a-z]+\/([a-z]+)-worker["']\s*\)/g;
    return code.replaceAll(call, (_, name: string) => {
      workerCalls += 1;
      return `${placeholder}${name}`;
    });
  },
  renderChunk(code, chunk) {
    if (!code.includes(placeholder)) return null;
    const up = "../".repeat(chunk.fileName.split("/").length - 1) || "./";
    const used = new RegExp(`${placeholder.replace(".", "\\.")}([a-z]+)`, "g");
    return code.replaceAll(used, (_, name: string) => `new URL("${up}${name}-worker.js", import.meta.url).href`);
  },
};

/**
 * An `import` of node:http reads every name that the module exports, and reading `WebSocket` loads undici: 60 ms for a
 * process that wants a unix socket. Taken as the builtin it is, only what is used is read.
 */
const http: RolldownPlugin = {
  name: "ggen-http",
  resolveId: (source, importer, { kind }) =>
    (source === "node:http" || source === "http") && importer !== undefined && kind !== "require-call"
      ? "\0ggen-http"
      : null,
  load(id) {
    if (id !== "\0ggen-http") return null;
    const names = Object.keys(process.getBuiltinModule("node:http")).filter((name) => !loadsUndici.has(name));
    return [
      'const http = process.getBuiltinModule("node:http");',
      "export default http;",
      ...names.map((name) => `export const ${name} = http.${name};`),
    ].join("\n");
  },
};
const loadsUndici = new Set(["WebSocket", "CloseEvent", "MessageEvent"]);

const commands: string[] = [];
for await (const file of glob("src/commands/**/*.ts", { cwd: root })) commands.push(file);
const input = Object.fromEntries(
  commands.map((file) => [file.replace(/^src\//, "").replace(/\.ts$/, ""), `${root}${file}`]),
);

await rm(`${root}dist`, { recursive: true, force: true });
await build({
  cwd: root,
  input: {
    main: `${root}src/main.ts`,
    ...Object.fromEntries(
      Object.entries(workers).map(([name, path]) => [
        name,
        fileURLToPath(new URL(`../../../packages/${path}`, import.meta.url)),
      ]),
    ),
    ...input,
  },
  platform: "node",
  treeshake: true,
  plugins: [worker, http],
  output: {
    dir: `${root}dist`,
    format: "esm",
    minify: true,
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
  },
});

const workerCount = Object.keys(workers).length;
if (workerCalls !== workerCount) {
  throw new Error(`Workers are resolved in ${workerCalls} places, not in ${workerCount}`);
}

const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true, type: "core" });
await plugin.load();
await writeFile(`${root}oclif.manifest.json`, `${JSON.stringify(plugin.manifest)}\n`);
process.stdout.write(`${commands.length} commands\n`);
