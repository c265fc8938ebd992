/**
 * A marketplace without a server, in one file: a node that publishes, searches and installs.
 *
 * Each run opens the node of `--home`, starts it, does one thing, and closes it. Whatever the node learnt stays in its
 * home: identity, catalogue, contents.
 */
import { once } from "node:events";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { defineConfig } from "@ggen/p2p-config";
import { P2PRegistry } from "@ggen/p2p-registry";
import { isGgenError } from "@ggen/p2p-types";

const usage = `node src/main.ts --home DIR [--bootstrap MULTIADDR]… COMMAND
  start              run a node until Ctrl-C
  publish DIRECTORY  publish a folder that has a gpack.toml, then serve it until Ctrl-C
  search WORDS       search what the network has
  install ID         install a package, with what it depends on, into DIR/packages`;

/** What each command does with a registry that runs. */
const commands: Readonly<Record<string, (registry: P2PRegistry, argument: string) => Promise<void>>> = {
  start: serve,
  publish,
  search,
  install,
};

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { home: { type: "string" }, bootstrap: { type: "string", multiple: true } },
  });
  const [name = "", ...words] = positionals;
  const command = commands[name];
  const argument = words.join(" ");
  if (values.home === undefined || command === undefined || (argument === "") !== (name === "start")) {
    console.error(usage);
    return 2;
  }
  try {
    // Everything has a default. Here nodes listen on this machine only, and know of each other what they are told:
    // without these two settings they would also meet by themselves on a local network.
    const config = defineConfig({
      p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"], bootstrapNodes: values.bootstrap ?? [] },
      network: { mdns: false },
    });
    const registry = await P2PRegistry.create(config, { home: resolve(values.home) });
    try {
      await connect(registry);
      await command(registry, argument);
    } finally {
      await registry.close();
    }
    return 0;
  } catch (error) {
    // Whatever goes wrong has a code, what was expected and got, and what to do about it.
    if (!isGgenError(error)) throw error;
    console.error(`${error.message} [${error.code}]\n  → ${error.hint}`);
    return 1;
  }
}

/** The three steps of `registry.start()`, one by one, to hear which bootstrap nodes were not reached. */
async function connect(registry: P2PRegistry): Promise<void> {
  await registry.startListening();
  await registry.subscribeToPackages();
  const { results } = await registry.bootstrap();
  for (const { address, error } of results) {
    if (error !== undefined) console.error(`Not reached: ${address} (${error.message})`);
  }
}

/** Publishing is local and atomic: packed, signed, stored. Then peers are told, now or when there are some. */
async function publish(registry: P2PRegistry, directory: string): Promise<void> {
  const { id, version, checksum, recoveryWords } = await registry.publish(resolve(directory));
  console.log(`Published ${id}@${version} ${checksum}`);
  if (recoveryWords !== undefined) console.log(`Keep the recovery words of your new publisher: ${recoveryWords}`);
  await serve(registry);
}

/** A search reads this node's verified copy of the catalogue; while that is not complete, connected peers are asked. */
async function search(registry: P2PRegistry, text: string): Promise<void> {
  const results = await registry.search({ text, limit: 10 });
  for (const { package: found } of results) console.log(`${found.id}@${found.version}  ${found.description}`);
  if (results.length === 0) console.log(`Nothing found for "${text}"`);
}

/** The content comes from whoever holds it, and is checked against what the publisher signed before it is moved in. */
async function install(registry: P2PRegistry, ref: string): Promise<void> {
  const { packages, warnings } = await registry.install({ ref, target: join(registry.home, "packages") });
  for (const warning of warnings) console.error(warning);
  for (const { id, version, path } of packages) console.log(`Installed ${id}@${version} in ${path}`);
}

/** Stays, says what is news, and serves others until Ctrl-C. */
async function serve(registry: P2PRegistry): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const news = tellNews(registry, stop.signal);
  console.log(`Listening on ${registry.addresses.join(" ")}`);
  if (!stop.signal.aborted) await once(stop.signal, "abort");
  await news;
}

async function tellNews(registry: P2PRegistry, signal: AbortSignal): Promise<void> {
  for await (const { type, id, version, via } of registry.subscribe(undefined, signal)) {
    console.log(`News by ${via}: ${type} ${id}@${version}`);
  }
}
