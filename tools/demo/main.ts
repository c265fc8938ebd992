import { stopFleet } from "@ggen/testkit";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { buildWorkspace } from "../process/build.ts";
import { elapsed } from "../process/duration.ts";
import { interruptSignal } from "../process/interrupt.ts";
import { root } from "../process/workspace.ts";
import { claimDirectory, releaseDirectory } from "./claim-directory.ts";
import { createNarrator } from "./narrator.ts";
import { DemoNode } from "./node-process.ts";
import { DemoError, parseDemoOptions } from "./options.ts";
import type { DemoOptions } from "./options.ts";
import {
  askGateway,
  installAndCompare,
  installFromTheOthers,
  publishExamples,
  searchAll,
  waitForCatalog,
} from "./story.ts";

const signal = interruptSignal();
const directory = join(root, ".ggen-demo");
const ownEndMs = 3000;
const narrator = createNarrator(console.log);
const nodes = ["first", "second", "third"].map((name) => new DemoNode(`The ${name} node`, join(directory, name)));

process.exitCode = await main();

async function main(): Promise<number> {
  let code = 0;
  try {
    const options = parseDemoOptions(process.argv.slice(2));
    await refuseTakenPort(options.port);
    if (!(await buildWorkspace(signal))) return signal.aborted ? 130 : 1;
    await claimDirectory(directory);
    await Promise.race([tell(options), rejectWhenAborted()]);
  } catch (error) {
    if (!signal.aborted) code = report(error);
  }
  return await stopAll(code);
}

async function tell({ once: onlyOnce, port }: DemoOptions): Promise<void> {
  const since = performance.now();
  const [first, second, third] = nodes as [DemoNode, DemoNode, DemoNode];
  const url = `http://localhost:${port}`;
  await startNode(first, []);
  await startNode(second, ["--bootstrap", first.addresses.join(",")]);
  await startNode(third, ["--bootstrap", second.addresses.join(","), "--http", String(port)]);
  const published = await publishExamples(narrator, first);
  await waitForCatalog(narrator, first, second, signal);
  await searchAll(narrator, second, published);
  await waitForCatalog(narrator, first, third, signal);
  for (const each of published) await installAndCompare(narrator, third, each, published);
  await narrator.step("The first node stops", async () => {
    if (!(await first.stop())) throw new DemoError("The first node did not stop cleanly and was killed", "");
    return { says: "its process is gone", value: undefined };
  });
  const last = published.at(-1);
  if (last !== undefined) await installFromTheOthers(narrator, second, first, last, published);
  await askGateway(narrator, url, published.length, signal);
  console.log(`\nAll of it worked, in ${elapsed(since)}. Homes and logs of the three nodes: ${directory}`);
  if (onlyOnce) return;
  console.log(`The gateway is at ${url}; Ctrl-C ends the two nodes that are left.`);
  await Promise.race([second.ended, third.ended]);
  throw new DemoError("A node ended by itself", "its last lines follow");
}

async function startNode(node: DemoNode, args: readonly string[]): Promise<void> {
  await narrator.step(`${node.name} starts`, async () => {
    await node.start(args);
    return { says: node.addresses[0] ?? "no address", value: undefined };
  });
}

async function refuseTakenPort(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DemoError(
      `Port ${port} cannot be used: ${why}`,
      "end what uses it, or choose another: npm start -- --port N",
    );
  }
  server.close();
  await once(server, "close");
}

function report(error: unknown): number {
  if (narrator.current !== "") console.error(`✗ ${narrator.current}`);
  if (!(error instanceof DemoError)) console.error(error);
  else console.error(`Error: ${error.message}${error.hint === "" ? "" : `\n  → ${error.hint}`}`);
  for (const node of nodes) {
    const tail = node.logTail();
    if (tail !== "") console.error(`\nLast lines of ${node.name}:\n${tail}`);
  }
  return 1;
}

async function rejectWhenAborted(): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  throw new Error("interrupted");
}

async function stopAll(code: number): Promise<number> {
  // A terminal sends Ctrl-C to the nodes too, and a second one would end them the hard way.
  const ended = Promise.all(nodes.map((node) => node.ended));
  if (signal.aborted) await Promise.race([ended, delay(ownEndMs, undefined, { ref: false })]);
  const clean = await Promise.all(nodes.map((node) => node.stop()));
  await stopFleet();
  await releaseDirectory(directory);
  if (clean.every(Boolean)) {
    if (signal.aborted) console.log("\nStopped: no process and no port is left behind.");
    return code;
  }
  console.error("Error: a node did not stop cleanly and was killed");
  return 1;
}
