import { glob, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { Plugin } from "@oclif/core";
import { build, type Plugin as RolldownPlugin } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const workerModule = "@ggen/p2p-catalog/search-worker";
const workerFile = "search-worker";
const placeholder = "globalThis.ggenSearchWorkerUrl";

let workerCalls = 0;

/** The search worker is a file of its own beside the bundle, and is found there at run time. */
const worker: RolldownPlugin = {
  name: "ggen-search-worker",
  transform(code) {
    if (!code.includes(workerModule)) return null;
    const call = /import\.meta\.resolve\(\s*(?:workerModule|["']@ggen\/p2p-catalog\/search-worker["'])\s*\)/g;
    return code.replaceAll(call, () => {
      workerCalls += 1;
      return placeholder;
    });
  },
  renderChunk(code, chunk) {
    if (!code.includes(placeholder)) return null;
    const up = "../".repeat(chunk.fileName.split("/").length - 1) || "./";
    return code.replaceAll(placeholder, `new URL("${up}${workerFile}.js", import.meta.url).href`);
  },
};

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
    [workerFile]: fileURLToPath(import.meta.resolve("@ggen/p2p-catalog/search-worker")),
    ...input,
  },
  platform: "node",
  treeshake: true,
  plugins: [worker],
  output: {
    dir: `${root}dist`,
    format: "esm",
    minify: true,
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
  },
});

if (workerCalls !== 1) throw new Error(`The search worker is resolved in ${workerCalls} places, not in one`);

const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true, type: "core" });
await plugin.load();
await writeFile(`${root}oclif.manifest.json`, `${JSON.stringify(plugin.manifest)}\n`);
process.stdout.write(`${commands.length} commands\n`);
