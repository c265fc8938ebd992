import { defineConfig } from "@ggen/p2p-config";
import { P2PRegistry } from "@ggen/p2p-registry";
import { once } from "node:events";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const usage = `node src/main.ts --home DIR [--bootstrap MULTIADDR] COMMAND
  start             run a node until Ctrl-C
  publish DIRECTORY publish a folder with a gpack.toml, then keep serving it until Ctrl-C
  search WORDS      search what the network has
  install ID        install a package into ./packages`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { home: { type: "string" }, bootstrap: { type: "string", multiple: true } },
});
const [command, ...rest] = positionals;
const argument = rest.join(" ");

if (values.home === undefined || command === undefined) {
  console.error(usage);
  process.exit(2);
}

const config = defineConfig({
  p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"], bootstrapNodes: values.bootstrap ?? [] },
});
const registry = await P2PRegistry.create(config, { home: resolve(values.home) });
try {
  await registry.start();
  await registry.bootstrap();
  await run();
} finally {
  await registry.close();
}

async function run(): Promise<void> {
  switch (command) {
    case "start":
      return await serve();
    case "publish": {
      const { id, version, recoveryWords } = await registry.publish(resolve(argument));
      console.log(`Published ${id}@${version}`);
      if (recoveryWords !== undefined)
        console.log(`Recovery words of your new publisher, shown once: ${recoveryWords}`);
      return await serve();
    }
    case "search": {
      for (const { package: found, score } of await registry.search({ text: argument, limit: 10 })) {
        console.log(`${found.id}@${found.version}  ${score.toFixed(2)}  ${found.description}`);
      }
      return;
    }
    case "install": {
      const { packages } = await registry.install({ ref: argument, target: resolve("packages") });
      for (const { id, version, path } of packages) console.log(`Installed ${id}@${version} in ${path}`);
      return;
    }
    default:
      console.error(usage);
      process.exitCode = 2;
  }
}

async function serve(): Promise<void> {
  console.log(`Listening on ${registry.addresses.join(" ")}`);
  const stop = new AbortController();
  process.once("SIGINT", () => {
    stop.abort();
  });
  void announce(stop.signal);
  await once(stop.signal, "abort");
}

async function announce(signal: AbortSignal): Promise<void> {
  for await (const update of registry.subscribe(undefined, signal))
    console.log(`${update.type} ${update.id}@${update.version}`);
}
