/** Fields of a header as they are written, right or wrong; what is absent is canonical. */
export interface RawEntry {
  readonly name?: string | Uint8Array;
  readonly prefix?: string;
  readonly content?: string;
  readonly mode?: string;
  readonly uid?: string;
  readonly size?: string | Uint8Array;
  readonly mtime?: string;
  readonly type?: string;
  readonly link?: string;
  readonly magic?: string;
  readonly uname?: string;
  readonly devmajor?: string;
  readonly tail?: string;
  readonly checksum?: string;
  /** What fills the content's last block. */
  readonly filler?: number;
}

/** One entry: header, content, padding. */
export function rawEntry(entry: RawEntry): Buffer {
  const content = Buffer.from(entry.content ?? "", "latin1");
  const header = Buffer.alloc(512);
  const put = (value: string | Uint8Array, at: number): void => {
    header.set(typeof value === "string" ? Buffer.from(value, "latin1") : value, at);
  };
  put(entry.name ?? "file", 0);
  put(entry.mode ?? "0000644", 100);
  put(entry.uid ?? "0000000", 108);
  put("0000000", 116);
  put(entry.size ?? content.byteLength.toString(8).padStart(11, "0"), 124);
  put(entry.mtime ?? "00000000000", 136);
  put(" ".repeat(8), 148);
  put(entry.type ?? "0", 156);
  put(entry.link ?? "", 157);
  put(entry.magic ?? "ustar\u000000", 257);
  put(entry.uname ?? "", 265);
  put(entry.devmajor ?? "0000000", 329);
  put("0000000", 337);
  put(entry.prefix ?? "", 345);
  put(entry.tail ?? "", 500);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(entry.checksum ?? `${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.byteLength % 512)) % 512, entry.filler ?? 0);
  return Buffer.concat([header, content, padding]);
}

/** Entries and the trailer. */
export function rawArchive(...entries: readonly RawEntry[]): Buffer {
  return Buffer.concat([...entries.map((entry) => rawEntry(entry)), Buffer.alloc(1024)]);
}
