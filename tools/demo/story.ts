import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "../process/workspace.ts";
import { DemoError } from "./options.ts";
import type { DemoNode } from "./node-process.ts";
import type { Narrator } from "./narrator.ts";
import { compareTrees } from "./tree.ts";

interface PublishAnswer {
  readonly id: string;
  readonly version: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

interface StatusAnswer {
  readonly packages: number;
  readonly catalogFingerprint: string;
}

interface SearchAnswer {
  readonly total: number;
  readonly results: readonly { readonly package: { readonly id: string; readonly name: string } }[];
}

interface InstallAnswer {
  readonly packages: readonly {
    readonly id: string;
    readonly path: string;
    readonly source: string;
    readonly peers: readonly { readonly peerId: string; readonly bytes: number }[];
  }[];
}

/** A package that was published, and the folder it was published from. */
export interface Published extends PublishAnswer {
  readonly folder: string;
}

const syncDeadlineMs = 30_000;
const examples = join(root, "examples", "packages");

/** Publishes every folder of `examples/packages` from a node. */
export async function publishExamples(narrator: Narrator, node: DemoNode): Promise<Published[]> {
  const entries = await readdir(examples, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(examples, entry.name));
  if (folders.length === 0) throw new DemoError(`No packages in ${examples}`, "get a complete clone of the repository");
  const published: Published[] = [];
  for (const folder of folders.toSorted()) {
    published.push(
      await narrator.step(`${node.name} publishes`, async () => {
        const answer = await node.ggen<PublishAnswer>("marketplace", "publish", folder);
        const says = `${answer.id}@${answer.version}, ${answer.files.length} files, ${formatBytes(answer.size)}`;
        return { says, value: { ...answer, folder } };
      }),
    );
  }
  return published;
}

/** Waits until a node's catalogue is equal, by fingerprint, to that of the node that published. */
export async function waitForCatalog(
  narrator: Narrator,
  from: DemoNode,
  node: DemoNode,
  signal: AbortSignal,
): Promise<void> {
  await narrator.step(`${node.name} receives the catalogue`, async () => {
    const wanted = await from.ggen<StatusAnswer>("marketplace", "p2p", "status");
    const since = performance.now();
    for (;;) {
      const got = await node.ggen<StatusAnswer>("marketplace", "p2p", "status");
      if (got.catalogFingerprint === wanted.catalogFingerprint) {
        return {
          says: `${got.packages} packages, equal by hash to what ${from.name.replace("The", "the")} has`,
          value: undefined,
        };
      }
      if (performance.now() - since > syncDeadlineMs) {
        throw new DemoError(
          `${node.name} has ${got.packages} packages of ${wanted.packages} after ${syncDeadlineMs / 1000} s`,
          "",
        );
      }
      await delay(50, undefined, { signal });
    }
  });
}

/** Finds every published package on a node, by the words of its id. */
export async function searchAll(narrator: Narrator, node: DemoNode, published: readonly Published[]): Promise<void> {
  for (const { id } of published) {
    const words = id.split(/[._-]/).slice(-2).join(" ");
    await narrator.step(`${node.name} searches "${words}"`, async () => {
      const answer = await node.ggen<SearchAnswer>("marketplace", "search", words);
      const found = answer.results.find((result) => result.package.id === id);
      if (found === undefined) throw new DemoError(`${id} was not among the ${answer.total} results`, "");
      return { says: `${answer.total} found, among them ${found.package.name} (${id})`, value: undefined };
    });
  }
}

/** Installs a package on a node and compares every installed tree with its source, byte for byte. */
export async function installAndCompare(
  narrator: Narrator,
  node: DemoNode,
  wanted: Published,
  published: readonly Published[],
): Promise<InstallAnswer> {
  return await narrator.step(`${node.name} installs`, async () => {
    const answer = await node.ggen<InstallAnswer>("marketplace", "install", wanted.id);
    for (const installed of answer.packages) {
      const source = published.find((each) => each.id === installed.id);
      if (source === undefined) throw new DemoError(`${installed.id} was installed, but never published here`, "");
      const paths = source.files.map((file) => file.path);
      const differences = await compareTrees(source.folder, installed.path, paths);
      if (differences.length > 0)
        throw new DemoError(`${installed.id} is not what was published: ${differences.join(", ")}`, "");
    }
    const bytes = answer.packages.flatMap((each) => each.peers).reduce((sum, peer) => sum + peer.bytes, 0);
    const origin = bytes === 0 ? "was there already" : `${formatBytes(bytes)} from peers`;
    const others = answer.packages.length - 1;
    const dependencies = others === 0 ? "" : ` with ${others} ${others === 1 ? "dependency" : "dependencies"}`;
    return {
      says: `${wanted.id}${dependencies}, ${origin}, equal byte for byte`,
      value: answer,
    };
  });
}

/** Installs a package of which only the remaining nodes can have given the bytes. */
export async function installFromTheOthers(
  narrator: Narrator,
  node: DemoNode,
  gone: DemoNode,
  wanted: Published,
  published: readonly Published[],
): Promise<void> {
  const answer = await installAndCompare(narrator, node, wanted, published);
  const givers = answer.packages.flatMap((each) => each.peers).filter((peer) => peer.bytes > 0);
  if (givers.length === 0) throw new DemoError(`${wanted.id} came from no peer`, "");
  if (givers.some((peer) => peer.peerId === gone.peerId))
    throw new DemoError(`${gone.name} gave bytes after it had ended`, "");
}

/** Asks the gateway for its packages over HTTP. */
export async function askGateway(narrator: Narrator, url: string, count: number, signal: AbortSignal): Promise<void> {
  await narrator.step(`GET ${url}/packages`, async () => {
    const response = await fetch(`${url}/packages?limit=100`, { signal });
    const answer = (await response.json()) as { readonly total?: number };
    if (response.status !== 200 || answer.total !== count) {
      throw new DemoError(`Expected 200 and ${count} packages, got ${response.status} and ${answer.total}`, "");
    }
    return { says: `${answer.total} packages`, value: undefined };
  });
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
