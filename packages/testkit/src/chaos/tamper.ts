import { setTimeout as sleep } from "node:timers/promises";

/** Which way bytes go through the proxy. */
export type Direction = "to-target" | "to-client";

interface Scope {
  /** Only this way; both when absent. */
  readonly direction?: Direction;
}

/** One thing that the proxy does to a connection. Offsets count bytes of one connection and direction, from 0. */
export type Fault =
  /** Every piece waits this long. */
  | (Scope & { readonly kind: "delay"; readonly ms: number })
  /** At most this many bytes per second. */
  | (Scope & { readonly kind: "throttle"; readonly bytesPerSecond: number })
  /** The connection is reset after this many bytes. */
  | (Scope & { readonly kind: "cut"; readonly afterBytes: number })
  /** One bit changes: of the byte at `atByte`, and of each `every` bytes after it when given. */
  | (Scope & { readonly kind: "flip"; readonly atByte: number; readonly bit?: number; readonly every?: number });

/** What becomes of one piece. */
export interface Tampered {
  readonly bytes: Uint8Array;
  readonly cut: boolean;
}

/** Applies faults to the bytes of one direction of one connection. */
export class Tamperer {
  readonly #direction: Direction;
  readonly #faults: () => readonly Fault[];
  #offset = 0;

  constructor(direction: Direction, faults: () => readonly Fault[]) {
    this.#direction = direction;
    this.#faults = faults;
  }

  /**
   * Waits, changes and shortens a piece as the faults say.
   * @param piece - bytes as they came; not changed
   */
  async apply(piece: Uint8Array): Promise<Tampered> {
    const faults = this.#faults().filter(({ direction }) => direction === undefined || direction === this.#direction);
    const start = this.#offset;
    this.#offset += piece.length;
    let bytes = Uint8Array.from(piece);
    let cut = false;
    let waitMs = 0;
    for (const fault of faults) {
      if (fault.kind === "delay") waitMs += fault.ms;
      else if (fault.kind === "throttle") waitMs += (piece.length / fault.bytesPerSecond) * 1000;
      else if (fault.kind === "flip") flip(bytes, start, fault);
      else if (start + bytes.length >= fault.afterBytes) {
        bytes = bytes.subarray(0, Math.max(0, fault.afterBytes - start));
        cut = true;
      }
    }
    if (waitMs > 0) await sleep(waitMs);
    return { bytes, cut };
  }
}

function flip(bytes: Uint8Array, start: number, fault: Extract<Fault, { kind: "flip" }>): void {
  const step = fault.every ?? Number.POSITIVE_INFINITY;
  const end = start + bytes.length;
  let at = fault.atByte;
  if (at < start) at = Number.isFinite(step) ? at + Math.ceil((start - at) / step) * step : end;
  for (; at < end; at += step) bytes[at - start] = (bytes[at - start] ?? 0) ^ (1 << (fault.bit ?? 0));
}
