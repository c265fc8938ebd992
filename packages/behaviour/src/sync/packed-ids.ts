const idBytes = 32;

/** Many operation ids, 32 bytes each: a list of texts takes four times as much. */
export class PackedIds {
  #bytes = new Uint8Array(64 * idBytes);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param id - 32 bytes; they are copied */
  push(id: Uint8Array): void {
    const end = (this.#count + 1) * idBytes;
    if (end > this.#bytes.byteLength) {
      const larger = new Uint8Array(this.#bytes.byteLength * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(id, end - idBytes);
    this.#count += 1;
  }

  /** Some of them as hexadecimal, in the order in which they came. */
  slice(from: number, to: number): string[] {
    const texts: string[] = [];
    for (let place = from; place < Math.min(to, this.#count); place++) {
      const start = place * idBytes;
      texts.push(Buffer.from(this.#bytes.buffer, start, idBytes).toString("hex"));
    }
    return texts;
  }
}
