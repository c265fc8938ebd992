import type { Clock, Progress } from "@ggen/p2p-types";

import { plain } from "./plain.ts";
import { formatBytes } from "./quantity.ts";

/** Where progress is written. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows how far an operation is, once it has taken longer than a second. */
export interface ProgressView {
  readonly update: (progress: Progress) => void;
  /** Removes what is on the terminal. */
  end(): void;
}

const patienceMs = 1000;
const refreshMs = 100;

/** One step as one line. */
export function renderProgress({ step, subject, done, total, unit }: Progress): string {
  const show = (count: number): string => (unit === "bytes" ? formatBytes(count) : String(count));
  const noun = unit === undefined || unit === "bytes" ? "" : ` ${unit}`;
  if (done === undefined) return plain(`${step} ${subject}`);
  if (total === undefined || total === 0) return plain(`${step} ${subject} ${show(done)}${noun}`);
  const percent = Math.min(100, Math.floor((done / total) * 100));
  return plain(`${step} ${subject} ${show(done)} of ${show(total)}${noun} (${percent} %)`);
}

/**
 * A line that is rewritten on a terminal; elsewhere one plain line a step.
 * @param output - stderr
 * @param clock - for the patience
 */
export function createProgressView(output: ProgressOutput, clock: Clock): ProgressView {
  const begun = clock.monotonic();
  let drawn = -Infinity;
  let shown = "";
  return {
    update(progress) {
      const now = clock.monotonic();
      if (now - begun < patienceMs) return;
      if (output.isTTY === true) {
        if (now - drawn < refreshMs) return;
        drawn = now;
        shown = renderProgress(progress).slice(0, Math.max(20, (output.columns ?? 80) - 1));
        output.write(`\r\u001b[K${shown}`);
        return;
      }
      const step = `${progress.step} ${progress.subject}`;
      if (step === shown) return;
      shown = step;
      output.write(`${renderProgress(progress)}\n`);
    },
    end() {
      if (output.isTTY === true && shown !== "") output.write("\r\u001b[K");
    },
  };
}
