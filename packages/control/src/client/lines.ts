/**
 * Splits a byte stream into lines, holding at most one line.
 * @param source - e.g. a response
 * @param maxBytes - longest line
 * @yields each line without its end
 * @throws RangeError when a line is longer
 */
export async function* readLines(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      const piece = chunk.subarray(start, end === -1 ? undefined : end);
      size += piece.length;
      if (size > maxBytes) throw new RangeError(`a line of over ${maxBytes} bytes`);
      pieces.push(piece);
      if (end === -1) break;
      yield Buffer.concat(pieces).toString("utf8");
      pieces = [];
      size = 0;
      start = end + 1;
    }
  }
  if (size > 0) yield Buffer.concat(pieces).toString("utf8");
}
