import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

import type { Catalog } from "@ggen/p2p-catalog";
import type { Logger, PublisherId } from "@ggen/p2p-types";

import { diskError } from "./disk-error.ts";

const line = /^([0-9a-f]{64}) ([A-Za-z0-9+/]{1,24000}={0,2})$/;
const maxOperations = 1_000_000;

/**
 * Keeps a second copy of this home's own operations, outside the catalogue: when that is lost and no peer has them, what
 * was published is not lost, and the next release does not fork the chain. One line each, `ID BASE64`; each stands for
 * itself, so that a damaged one spoils no other.
 * @param path - of the copy; made when it is first written
 * @param own - publishers of this home
 * @returns the catalogue, which from now on also writes local operations to the copy before they are acknowledged
 * @throws GgenError `storage.full`, `storage.failed`
 */
export async function keepOwnRecords(
  catalog: Catalog,
  path: string,
  own: readonly PublisherId[],
  logger: Logger,
): Promise<Catalog> {
  const copied = readCopy(path);
  const lost = [...copied].filter(([id]) => !catalog.has(id));
  if (lost.length > 0) {
    const { accepted } = await catalog.accept(
      lost.map(([, text]) => Buffer.from(text, "base64")),
      { via: "local" },
    );
    logger.log("warn", "Own operations that the catalogue did not have were taken back", {
      operations: accepted.length,
    });
  }
  const append = (ids: readonly string[]): void => {
    const missing = ids.filter((id) => !copied.has(id));
    const texts = catalog.envelopes(missing).map((envelope) => Buffer.from(envelope).toString("base64"));
    if (texts.length !== missing.length || texts.length === 0) return;
    appendDurably(path, texts.map((text, at) => `${missing[at]} ${text}\n`).join(""));
    for (const [at, text] of texts.entries()) copied.set(missing[at] ?? "", text);
  };
  // Those of other machines of the same publisher, and those of a copy that could not be written.
  append(own.flatMap((publisher) => catalog.idsOf({ publisher }, maxOperations)));
  return {
    ...catalog,
    async accept(envelopes, origin) {
      const report = await catalog.accept(envelopes, origin);
      if (origin.via === "local") append(report.accepted);
      return report;
    },
  };
}

function readCopy(path: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw diskError(`${path} could not be read`, cause);
  }
  const copied = new Map<string, string>();
  for (const entry of text.split("\n")) {
    const [, id, envelope] = line.exec(entry) ?? [];
    if (id !== undefined && envelope !== undefined) copied.set(id, envelope);
  }
  return copied;
}

function appendDurably(path: string, text: string): void {
  try {
    // A line that a power cut left unfinished is ended first, so that it spoils no other.
    const descriptor = openSync(path, "a+", 0o600);
    try {
      const bytes = Buffer.from(`\n${text}`, "latin1");
      for (let written = 0; written < bytes.byteLength;) written += writeSync(descriptor, bytes, written);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (process.platform === "win32") return;
    const folder = openSync(dirname(path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (cause) {
    throw diskError(`${path} could not be written`, cause);
  }
}
