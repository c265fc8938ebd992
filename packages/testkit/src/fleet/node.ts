import { once } from "node:events";

import { collect, type RunOptions, spawnGgen } from "./cli.ts";

/** What the first line of `marketplace p2p start --json` says. */
interface ListeningEvent {
  readonly event: "listening";
  readonly peerId: string;
  readonly addresses: readonly string[];
  readonly gateway?: string;
}

/** A node in a process of its own. */
export interface NodeProcess {
  readonly home: string;
  readonly pid: number;
  readonly peerId: string;
  /** Multiaddrs with `/p2p/`. */
  readonly addresses: readonly string[];
  /** The gateway's URL, when it was asked for. */
  readonly gateway?: string;
  /** Everything it printed so far: stdout, then stderr. */
  readonly output: () => string;
  /** Resolves with its first `--json` event of this name, also one that was printed before. */
  event(name: string): Promise<Readonly<Record<string, unknown>>>;
  /** Resolves with its exit status (-1 when a signal ended it) once it is gone. */
  readonly exited: Promise<number>;
  /** Ends it as Ctrl-C does and resolves with its exit status (-1 when a signal ended it). */
  stop(): Promise<number>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

const startTimeoutMs = 30_000;
const stopTimeoutMs = 20_000;

/**
 * Starts `ggen marketplace p2p start` on a free loopback port and waits until it listens; killed after the test file.
 * @param options - `home` of the node; `args` are added to the command line; with `namespace`, or with
 *   `listen: "configured"`, it listens where its configuration says
 * @throws Error with everything it printed when it ends or is silent instead
 */
export async function startNode(
  options: RunOptions & {
    readonly home: string;
    readonly args?: readonly string[];
    readonly listen?: "configured";
  },
): Promise<NodeProcess> {
  const listen =
    options.namespace !== undefined ||
    options.listen === "configured" ||
    options.args?.some((arg) => /^(?:-l|--listen)\b/.test(arg)) === true;
  const child = spawnGgen(
    options.home,
    [
      "marketplace",
      "p2p",
      "start",
      "--json",
      ...(listen ? [] : ["--listen", "/ip4/127.0.0.1/tcp/0"]),
      ...(options.args ?? []),
    ],
    options,
  );
  const events = createEvents();
  const stdout = collect(child.stdout, events.feed);
  const stderr = collect(child.stderr);
  const output = (): string => `${stdout()}${stderr()}`;
  const exit = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  void exit.then((code) => events.fail(new Error(`The node ended with status ${code}:\n${output()}`)));
  child.once("error", (error) => events.fail(error));

  const timer = setTimeout(() => {
    events.fail(new Error(`The node does not listen after ${startTimeoutMs} ms:\n${output()}`));
    child.kill("SIGKILL");
  }, startTimeoutMs);
  const listening = (await events.next("listening").finally(() => clearTimeout(timer))) as unknown as ListeningEvent;

  return {
    home: options.home,
    pid: child.pid ?? -1,
    peerId: listening.peerId,
    addresses: listening.addresses,
    ...(listening.gateway === undefined ? {} : { gateway: listening.gateway }),
    output,
    event: events.next,
    exited: exit,
    async stop() {
      child.kill("SIGINT");
      const late = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
      return exit.finally(() => clearTimeout(late));
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

type JsonEvent = Readonly<Record<string, unknown>>;

/** Reads one JSON object per line and hands each to whoever waits for its `event`. */
function createEvents(): {
  readonly feed: (text: string) => void;
  readonly next: (name: string) => Promise<JsonEvent>;
  readonly fail: (error: Error) => void;
} {
  const seen: JsonEvent[] = [];
  const waiting = new Set<{ name: string; resolve: (event: JsonEvent) => void; reject: (error: Error) => void }>();
  let rest = "";
  let failure: Error | undefined;
  return {
    feed(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        let event: JsonEvent;
        try {
          event = JSON.parse(line) as JsonEvent;
        } catch {
          continue;
        }
        seen.push(event);
        for (const waiter of waiting) {
          if (waiter.name !== event["event"]) continue;
          waiting.delete(waiter);
          waiter.resolve(event);
        }
      }
    },
    next(name) {
      const earlier = seen.find((event) => event["event"] === name);
      if (earlier !== undefined) return Promise.resolve(earlier);
      if (failure !== undefined) return Promise.reject(failure);
      return new Promise((resolve, reject) => waiting.add({ name, resolve, reject }));
    },
    fail(error) {
      failure ??= error;
      for (const waiter of waiting) waiter.reject(failure);
      waiting.clear();
    },
  };
}
