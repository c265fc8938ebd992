import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

/** Peer ids of Ed25519 keys. */
export const peerA = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
export const peerB = "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq";

/** A new home with a configuration in it, removed when the test ends. */
export async function homeWith(toml?: string | Uint8Array): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "ggen-config-"));
  onTestFinished(() => rm(home, { recursive: true }));
  if (toml !== undefined) await writeFile(join(home, "config.toml"), toml);
  return home;
}
