import { pipeline, Readable } from "node:stream";
import { constants, createGzip, createZstdCompress } from "node:zlib";

import { GgenError } from "@ggen/p2p-types";

import type { ContentCoding } from "../http/negotiation.ts";

/**
 * Turns verified chunks into the body of an answer. The first chunk is read before this resolves, so that an error that
 * comes at once still gets a status; a later one cuts the connection.
 * @param source - the bytes
 * @param size - how many there must be
 */
export async function openBody(source: AsyncIterable<Uint8Array>, size: number): Promise<Readable> {
  const iterator = source[Symbol.asyncIterator]();
  let next = await iterator.next();
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for (; next.done !== true; next = await iterator.next()) {
      sent += next.value.length;
      if (sent > size) break;
      yield next.value;
    }
    if (sent !== size) {
      throw new GgenError("content.mismatch", "The content has not the size that was signed", {
        expected: `${size} bytes`,
        got: sent > size ? "more" : `${sent}`,
      });
    }
  };
  const body = Readable.from(bytes(), { objectMode: false });
  // A client that leaves before the first byte never starts the generator, so that its own cleanup would not run.
  body.once("close", () => void iterator.return?.().then(undefined, () => undefined));
  return body;
}

/**
 * Compresses a body on its way, chunk by chunk; destroying the result destroys the body.
 * @param body - the bytes
 * @param coding - how
 */
export function encodeBody(body: Readable, coding: ContentCoding): Readable {
  if (coding === "identity") return body;
  const encoder =
    coding === "gzip"
      ? createGzip({ level: 4 })
      : createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  pipeline(body, encoder, () => {});
  return encoder;
}
