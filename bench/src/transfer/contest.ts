import { join } from "node:path";

import { median } from "../measure/median.ts";
import { startTransfer, type TransferProcess } from "./child-process.ts";
import { writeRandomFile } from "./files.ts";

/** Somebody who takes part. */
export interface Contestant {
  readonly name: string;
  /** Absolute path of its child's script. */
  readonly script: string;
  readonly args?: readonly string[];
}

/** How somebody did; medians over the rounds. */
export interface ContestResult {
  readonly megabytesPerSecond: number;
  /** Processor seconds of both processes per 100 MB. */
  readonly cpuSeconds: number;
}

interface Pair {
  readonly name: string;
  readonly provider: TransferProcess;
  readonly asker: TransferProcess;
  readonly rates: number[];
  readonly cpuSeconds: number[];
}

/**
 * Lets everybody fetch the same bytes from a process of their own to another, in turns, so that what else the machine
 * does meets all alike. The first round is not counted: it opens connections and warms the compiler.
 * @param folder - scratch
 * @param cpus - as of `taskset --cpu-list`; all when absent
 */
export async function holdContest(
  folder: string,
  contestants: readonly Contestant[],
  { rounds, bytes, cpus }: { readonly rounds: number; readonly bytes: number; readonly cpus?: string },
): Promise<Map<string, ContestResult>> {
  const pairs: Pair[] = [];
  try {
    for (const { name, script, args = [] } of contestants) {
      const start = (role: string): Promise<TransferProcess> =>
        startTransfer(script, [join(folder, `${name} ${role}`), ...args], cpus === undefined ? {} : { cpus });
      const provider = await start("provider");
      const asker = await start("asker");
      pairs.push({ name, provider, asker, rates: [], cpuSeconds: [] });
    }
    for (let round = -1; round < rounds; round += 1) {
      const file = await writeRandomFile(folder, `content-${round}`, bytes);
      for (const pair of pairs) await takeTurn(pair, file, round >= 0);
    }
  } finally {
    await Promise.all(pairs.flatMap(({ provider, asker }) => [asker.stop(), provider.stop()]));
  }
  return new Map(
    pairs.map(({ name, rates, cpuSeconds }) => [
      name,
      { megabytesPerSecond: median(rates), cpuSeconds: median(cpuSeconds) },
    ]),
  );
}

async function takeTurn({ provider, asker, rates, cpuSeconds }: Pair, file: string, counts: boolean): Promise<void> {
  const ticket = await provider.provide(file);
  const before = await provider.cpuMs();
  const { ms, cpuMs, bytes } = await asker.fetch([ticket]);
  const used = cpuMs + (await provider.cpuMs()) - before;
  if (!counts) return;
  rates.push(bytes / 1e6 / (ms / 1000));
  cpuSeconds.push(used / 1000 / (bytes / 100e6));
}
