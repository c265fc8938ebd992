import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../rivals");

/** A rival, and how many times as fast as it we have to be at least. */
export interface TransferRival {
  readonly name: string;
  readonly script: string;
  readonly factor: number;
}

/** What a fetch is measured against: the versions are those of `rivals/package.json`. */
export const transferRivals: readonly TransferRival[] = [
  { name: "Helia", script: join(folder, "helia.js"), factor: 3 },
  { name: "Hyperdrive", script: join(folder, "hyperdrive.js"), factor: 3 },
  { name: "WebTorrent", script: join(folder, "webtorrent.js"), factor: 3 },
  { name: "iroh 0.35", script: join(folder, "iroh.js"), factor: 1 },
  { name: "Verdaccio", script: join(folder, "verdaccio.js"), factor: 1 },
];

/**
 * Installs the rivals from npm when they are not there. They are no part of the workspace: nobody else needs them. None
 * of their install scripts is run.
 * @throws Error when pnpm fails
 */
export async function installRivals(): Promise<void> {
  if (existsSync(join(folder, "node_modules"))) return;
  const pnpm = process.env["npm_execpath"] ?? "pnpm";
  const child = spawn(pnpm, ["install", "--ignore-scripts", "--frozen-lockfile"], { cwd: folder, stdio: "ignore" });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`pnpm install in ${folder} ended with exit status ${code}`);
}
