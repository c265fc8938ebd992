#!/usr/bin/env node
// The way into the workspace on any machine: `npm start`, `npm test` and `npm run verify` with nothing but Node 18+ and npm,
// `pnpm start` and so on with Node 24 and pnpm. It gets what is missing through the npm registry, then runs the real task
// under Node 24. Plain JavaScript, because the Node that starts it may be too old for anything else.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const startedAt = performance.now();
const tasks = {
  start: { file: "tools/demo/main.ts", says: "three nodes that publish, find, verify and install packages" },
  test: { file: "tools/suites/main.ts", says: "every test suite" },
  verify: { file: "tools/verify/main.ts", says: "types, lint, format, unused code, layers, packed packages, tests" },
};
const [name = "", ...taskArguments] = process.argv.slice(2).filter((argument) => argument !== "--");
const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
if (task === undefined) {
  console.error(`Expected one of ${Object.keys(tasks).join(", ")}, got ${JSON.stringify(name)}.`);
  console.error("  → node tools/run.mjs start | test | verify");
  process.exit(2);
}
console.log(`ggen ${name}: ${task.says}`);

const pnpmVersion = "12.21.0";
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, "node_modules", ".ggen-installed");
const executable = process.platform === "win32" ? "node.exe" : "node";
const workspaceNode = join(
  root,
  "node_modules",
  `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`,
  "bin",
  executable,
);
const environment = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
// A test of this program runs inside vitest; what it starts does not.
for (const variable of Object.keys(environment)) if (variable.startsWith("VITEST")) delete environment[variable];
let running;
let interrupted = false;

class TaskError extends Error {
  constructor(message, hint, output = "") {
    super(message);
    this.hint = hint;
    this.output = output;
  }
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function hasModernNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > 24 || (major === 24 && minor >= 11);
}

// Runs a command quietly; what it printed is shown only when it fails.
function quietly(label, command, commandArguments) {
  const since = performance.now();
  console.log(`▸ ${label}`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    running = child;
    let output = "";
    let printed = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      printed += chunk;
    });
    child.stderr.on("data", (chunk) => (output += chunk));
    const alive = setInterval(() => console.log(`  still at it after ${seconds(since)}`), 10_000);
    const end = () => {
      clearInterval(alive);
      running = undefined;
    };
    child.on("error", (error) => {
      end();
      reject(new TaskError(`${label}: ${error.message}`, "check that Node and npm are installed and on the PATH"));
    });
    child.on("close", (code, signal) => {
      end();
      if (code === 0) {
        console.log(`✓ ${label} (${seconds(since)})`);
        resolve(printed);
      } else {
        const hint = "check that the npm registry can be reached (npm ping), then run the same command again";
        reject(new TaskError(`${label}: ended with ${signal ?? `exit status ${code}`}`, hint, output));
      }
    });
  });
}

// The npx that belongs to the npm that started this, else the one on the PATH.
function npx() {
  const npmCli = process.env.npm_execpath ?? "";
  const beside = join(dirname(npmCli), "npx-cli.js");
  if (npmCli.endsWith("npm-cli.js") && existsSync(beside)) return { command: process.execPath, first: [beside] };
  return { command: "npx", first: [] };
}

// A folder on the PATH with a pnpm of our major version; fetched into npm's cache where there is none.
async function findPnpm() {
  const found = spawnSync("pnpm", ["--version"], { cwd: root, env: environment, encoding: "utf8" });
  if (found.status === 0 && found.stdout.trim().split(".")[0] === pnpmVersion.split(".")[0]) return;
  const { command, first } = npx();
  const wanted = ["-p", `pnpm@${pnpmVersion}`];
  const printed = await quietly(`Getting pnpm ${pnpmVersion} from the npm registry`, command, [
    ...first,
    "-y",
    ...wanted,
    "-c",
    "node -p process.env.PATH",
  ]);
  environment.PATH = printed.trim().split("\n").at(-1);
}

function lockHash() {
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ".pnpmfile.cjs"])
    hash.update(readFileSync(join(root, file)));
  return hash.update(`${process.platform}-${process.arch}-${root}`).digest("hex");
}

async function install() {
  const hash = lockHash();
  if (
    existsSync(stampFile) &&
    readFileSync(stampFile, "utf8") === hash &&
    (existsSync(workspaceNode) || hasModernNode())
  ) {
    console.log("✓ Dependencies are up to date");
    return;
  }
  rmSync(stampFile, { force: true });
  await quietly("Installing dependencies and Node 24 (pnpm install --frozen-lockfile)", "pnpm", [
    "install",
    "--frozen-lockfile",
  ]);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, hash);
}

function findNode() {
  if (existsSync(workspaceNode)) return workspaceNode;
  if (hasModernNode()) return process.execPath;
  const got = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
  throw new TaskError(
    `Node 24.11 or newer is needed, got ${got}`,
    "npm brings none for this platform: install it from https://nodejs.org",
  );
}

function runTask(node) {
  const path = [join(root, "node_modules", ".bin"), dirname(node), environment.PATH];
  const env = {
    ...environment,
    PATH: path.join(delimiter),
    GGEN_CALLER_DIRECTORY: process.env.INIT_CWD ?? process.cwd(),
  };
  // The channel tells the task when this process is gone, however it went.
  const child = spawn(node, [join(root, task.file), ...taskArguments], {
    cwd: root,
    env,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  running = child;
  return new Promise((resolve, reject) => {
    child.on("error", (error) =>
      reject(new TaskError(`${node}: ${error.message}`, "remove node_modules and run the same command again")),
    );
    child.on("close", (code) => resolve(code ?? 1));
  });
}

// A terminal sends Ctrl-C to the whole group, `kill` only to one process: so it is passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill(signal);
    if (running === undefined) process.exit(130);
  });
}

try {
  await findPnpm();
  await install();
  const node = findNode();
  if (!interrupted)
    console.log(
      `✓ Ready under Node ${spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout.trim()} (${seconds(startedAt)})`,
    );
  process.exitCode = interrupted ? 130 : await runTask(node);
} catch (error) {
  if (interrupted) process.exit(130);
  if (error instanceof TaskError) {
    if (error.output !== "") console.error(error.output.split("\n").slice(-40).join("\n"));
    console.error(`Error: ${error.message}\n  → ${error.hint}`);
  } else {
    console.error(error);
  }
  process.exitCode = 1;
}
