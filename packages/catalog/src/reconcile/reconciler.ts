import { GgenError, type ReconcileIndex } from "@ggen/p2p-types";

import { fingerprintBytes, fingerprintDigest, idBytes } from "./sum256.ts";
import {
  type Bound,
  boundBetween,
  highestBound,
  lowestBound,
  malformed,
  maxMessageBytes,
  MessageReader,
  MessageWriter,
  protocolByte,
  rangeMode,
} from "./wire.ts";

/** Ranges that a differing range is split into. */
const buckets = 16;
/** Room for a skip, a last bound and a fingerprint when the frame is full. */
const frameReserveBytes = 200;
/** Smallest frame: fits the answer to one range, so that every round gets somewhere. */
const minFrameLimitBytes = 4096;

/** How to tune {@link createReconciler}. */
export interface ReconcilerInit {
  /** Largest message to send in bytes, 4096 to 1 MiB. Default: 1 MiB. */
  readonly frameLimitBytes?: number;
  /** How many messages are taken before the session is given up, at least 1. Default: 1024. */
  readonly maxRounds?: number;
}

/** One side of one session of Negentropy version 1. Ids are 32 bytes and not shared with the index. */
export interface Reconciler {
  /** The first message of the side that wants to know the difference. */
  initiate(): Uint8Array;
  /**
   * Takes an answer.
   * @returns `have`: ids that only this side has; `need`: ids that only the other side has; each id is named once in a
   * session; `output`: the next message, absent when the difference is complete
   * @throws GgenError `network.protocol`
   */
  reconcile(message: Uint8Array): {
    readonly output: Uint8Array | undefined;
    readonly have: Uint8Array[];
    readonly need: Uint8Array[];
  };
  /**
   * Answers a message of the initiator.
   * @throws GgenError `network.protocol`
   */
  respond(message: Uint8Array): Uint8Array;
}

/**
 * One side of a reconciliation session: either calls `initiate` and then `reconcile` for every answer, or `respond` for
 * every message. Pure; the index may change between calls (a session then finds what differed while it ran).
 * @param index - the own set
 * @param init - limits
 * @see https://github.com/hoytech/negentropy/blob/master/docs/negentropy-protocol-v1.md
 */
export function createReconciler(index: ReconcileIndex, init: ReconcilerInit = {}): Reconciler {
  const { frameLimitBytes = maxMessageBytes, maxRounds = 1024 } = init;
  if (frameLimitBytes < minFrameLimitBytes || frameLimitBytes > maxMessageBytes) {
    throw new RangeError(`frameLimitBytes is ${minFrameLimitBytes} to ${maxMessageBytes}, got ${frameLimitBytes}`);
  }
  const reported = new Set<string>();
  let rounds = 0;

  const countRound = (): void => {
    rounds++;
    if (rounds > maxRounds) {
      throw new GgenError("network.protocol", "A reconciliation session does not end", {
        expected: `at most ${maxRounds} messages`,
      });
    }
  };

  const report = (id: Uint8Array, list: Uint8Array[]): void => {
    const name = Buffer.from(id.buffer, id.byteOffset, idBytes).toString("latin1");
    if (reported.has(name)) return;
    reported.add(name);
    list.push(id.slice());
  };

  return {
    initiate() {
      const writer = new MessageWriter();
      writeRange(index, writer, 0, index.size, highestBound);
      return writer.finish();
    },
    reconcile(message) {
      countRound();
      const have: Uint8Array[] = [];
      const need: Uint8Array[] = [];
      const writer = answer(index, message, frameLimitBytes, {
        onIdList(theirs, lower, upper) {
          for (let rank = lower; rank < upper; rank++) {
            const { id } = index.at(rank);
            if (!theirs.delete(nameOf(id))) report(id, have);
          }
          for (const id of theirs.values()) report(id, need);
        },
      });
      if (writer === undefined) {
        throw malformed("its version", `protocol byte 0x${protocolByte.toString(16)}`, "another");
      }
      return { output: writer.byteLength === 1 ? undefined : writer.finish(), have, need };
    },
    respond(message) {
      countRound();
      const writer = answer(index, message, frameLimitBytes, undefined);
      // The only answer to another version is the one that is spoken here.
      return writer === undefined ? Uint8Array.of(protocolByte) : writer.finish();
    },
  };
}

/** The fingerprint of some ranks as it travels. */
function fingerprint(index: ReconcileIndex, from: number, to: number): Uint8Array {
  return fingerprintDigest(index.sum(from, to), to - from).subarray(0, fingerprintBytes);
}

function nameOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("latin1");
}

/** What the initiator does with a list of ids; the responder answers it with a list of its own. */
interface Initiator {
  onIdList(theirs: Map<string, Uint8Array>, lower: number, upper: number): void;
}

/** @returns undefined when the message is of another version */
function answer(
  index: ReconcileIndex,
  message: Uint8Array,
  frameLimitBytes: number,
  initiator: Initiator | undefined,
): MessageWriter | undefined {
  const reader = new MessageReader(message);
  const version = reader.byte();
  if (version < 0x60 || version > 0x6f) throw malformed("its first byte", "0x60-0x6f", `0x${version.toString(16)}`);
  if (version !== protocolByte) return undefined;

  const writer = new MessageWriter();
  const softLimit = frameLimitBytes - frameReserveBytes;
  let lowerBound: Bound = lowestBound;
  let lower = 0;
  let skipping = false;
  const writeSkip = (): void => {
    if (skipping) writer.range(lowerBound, rangeMode.skip);
    skipping = false;
  };

  while (reader.remaining > 0) {
    const upperBound = reader.bound(lowerBound);
    const mode = reader.varint();
    if (lowerBound.time === Number.POSITIVE_INFINITY) {
      // The reference implementation closes a frame that its last list filled with the fingerprint of nothing.
      if (mode === rangeMode.fingerprint) reader.bytes(fingerprintBytes);
      if (mode !== rangeMode.fingerprint || reader.remaining > 0) throw malformed("its end", "nothing after infinity");
      break;
    }
    const upper =
      upperBound.time === Number.POSITIVE_INFINITY
        ? index.size
        : index.lowerBound(upperBound.time, upperBound.idPrefix);
    const mark = writer.mark();
    const skippedBefore = skipping;
    let endBound = upperBound;
    let end = upper;

    if (mode === rangeMode.skip) {
      skipping = true;
    } else if (mode === rangeMode.fingerprint) {
      const theirs = reader.bytes(fingerprintBytes);
      if (Buffer.compare(theirs, fingerprint(index, lower, upper)) === 0) {
        skipping = true;
      } else {
        writeSkip();
        writeRange(index, writer, lower, upper, upperBound);
        if (writer.byteLength > softLimit) {
          // The split does not fit: everything from its beginning is left to one fingerprint.
          writer.rewind(mark);
          skipping = skippedBefore;
          writeSkip();
          writeRest(index, writer, lower);
          return writer;
        }
      }
    } else if (mode === rangeMode.idList) {
      const theirs = readIds(reader);
      if (initiator === undefined) {
        // Counted without the skip before it, as the reference does: the same sets give the same bytes.
        const room = Math.floor((softLimit - writer.byteLength) / idBytes) + 1;
        writeSkip();
        if (upper - lower > room) {
          end = lower + room;
          const item = index.at(end);
          endBound = { time: item.time, idPrefix: item.id };
        }
        writeIds(index, writer, lower, end, endBound);
      } else {
        initiator.onIdList(theirs, lower, upper);
        skipping = true;
      }
    } else {
      throw malformed("a range's mode", "0, 1 or 2", `${mode}`);
    }

    if (writer.byteLength > softLimit && endBound.time !== Number.POSITIVE_INFINITY) {
      writeRest(index, writer, end);
      return writer;
    }
    lower = upper;
    lowerBound = upperBound;
  }
  return writer;
}

/** Everything from a rank on, where the last range ended, as one fingerprint. */
function writeRest(index: ReconcileIndex, writer: MessageWriter, from: number): void {
  writer.range(highestBound, rangeMode.fingerprint);
  writer.bytes(fingerprint(index, from, index.size));
}

/** A range as its ids when they are few, else as the fingerprints of its parts. */
function writeRange(index: ReconcileIndex, writer: MessageWriter, lower: number, upper: number, bound: Bound): void {
  const count = upper - lower;
  if (count < buckets * 2) {
    writeIds(index, writer, lower, upper, bound);
    return;
  }
  const size = Math.floor(count / buckets);
  const larger = count % buckets;
  let from = lower;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const to = from + size + (bucket < larger ? 1 : 0);
    writer.range(to === upper ? bound : boundBetween(index.at(to - 1), index.at(to)), rangeMode.fingerprint);
    writer.bytes(fingerprint(index, from, to));
    from = to;
  }
}

function writeIds(index: ReconcileIndex, writer: MessageWriter, lower: number, upper: number, bound: Bound): void {
  writer.range(bound, rangeMode.idList);
  writer.varint(upper - lower);
  for (let rank = lower; rank < upper; rank++) writer.bytes(index.at(rank).id);
}

function readIds(reader: MessageReader): Map<string, Uint8Array> {
  const count = reader.varint();
  if (count * idBytes > reader.remaining) {
    throw malformed("a list of ids", `at most ${Math.floor(reader.remaining / idBytes)} ids`, `${count}`);
  }
  const ids = new Map<string, Uint8Array>();
  for (let read = 0; read < count; read++) {
    const id = reader.bytes(idBytes);
    ids.set(nameOf(id), id);
  }
  return ids;
}
