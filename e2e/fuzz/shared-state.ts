/** Longest input that a watcher can see. */
const maxInputBytes = 1 << 20;

/** What a worker shows of itself while it runs, also when it hangs: how far it is, and the input it is at. */
export interface SharedState {
  readonly buffer: SharedArrayBuffer;
  /** Says that an execution begins. */
  begin(execution: number, input: Uint8Array): void;
  /** Says that the execution is over and the next input is being made. */
  end(): void;
  /** Whether an execution runs. */
  readonly running: boolean;
  /** Which execution runs or ran last, from 1. */
  readonly execution: number;
  /** Its input. */
  readonly input: Uint8Array;
}

/** @param buffer - of the other side; a new one when absent */
export function createSharedState(buffer = new SharedArrayBuffer(12 + maxInputBytes)): SharedState {
  const numbers = new Int32Array(buffer, 0, 3);
  const bytes = new Uint8Array(buffer, 12);
  return {
    buffer,
    begin(execution, input) {
      bytes.set(input.subarray(0, maxInputBytes));
      Atomics.store(numbers, 1, Math.min(input.byteLength, maxInputBytes));
      Atomics.store(numbers, 0, execution);
      Atomics.store(numbers, 2, 1);
    },
    end: () => void Atomics.store(numbers, 2, 0),
    get running() {
      return Atomics.load(numbers, 2) === 1;
    },
    get execution() {
      return Atomics.load(numbers, 0);
    },
    get input() {
      return bytes.slice(0, Atomics.load(numbers, 1));
    },
  };
}
