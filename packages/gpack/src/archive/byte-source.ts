/** Takes exact lengths out of a stream of pieces of any size. */
export interface ByteSource {
  /** Bytes taken so far. */
  readonly position: number;
  /** The next `length` bytes, or as many as there are. */
  take(length: number): Promise<Uint8Array>;
  /** The next piece, at most `max` bytes, without copying; undefined at the end. */
  piece(max: number): Promise<Uint8Array | undefined>;
  /** Ends the stream early. */
  close(): Promise<void>;
}

/** @param source - empty pieces are passed over */
export function createByteSource(source: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let position = 0;
  const piece = async (max: number): Promise<Uint8Array | undefined> => {
    while (rest.byteLength === 0) {
      const next = await iterator.next();
      if (next.done === true) return undefined;
      rest = next.value;
    }
    const head = rest.subarray(0, max);
    rest = rest.subarray(head.byteLength);
    position += head.byteLength;
    return head;
  };
  return {
    get position() {
      return position;
    },
    piece,
    async take(length) {
      if (length === 0) return new Uint8Array(0);
      const first = (await piece(length)) ?? new Uint8Array(0);
      if (first.byteLength === length || first.byteLength === 0) return first;
      const whole = new Uint8Array(length);
      whole.set(first);
      let filled = first.byteLength;
      while (filled < length) {
        const next = await piece(length - filled);
        if (next === undefined) return whole.subarray(0, filled);
        whole.set(next, filled);
        filled += next.byteLength;
      }
      return whole;
    },
    async close() {
      rest = new Uint8Array(0);
      await iterator.return?.();
    },
  };
}
