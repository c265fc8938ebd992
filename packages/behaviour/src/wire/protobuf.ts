import { GgenError } from "@ggen/p2p-types";

import { encodeVarint } from "./varint.ts";

/** A field of a protobuf message: a number (varint) or bytes (length-delimited). */
export interface ProtobufField {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** Longest varint of protobuf: a negative int32 takes all ten. */
const maxVarintBytes = 10;

/**
 * Reads the fields of one message, without copying.
 * @param bytes - the message; its length bounds the work
 * @throws GgenError `network.protocol` for anything but varint, fixed and length-delimited fields that end in the message
 */
export function* readFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let place = 0; place < maxVarintBytes; place += 1) {
      const byte = bytes[at];
      if (byte === undefined) throw malformed("a varint that ends in the message");
      at += 1;
      // Bits over 2^53 are those of negative numbers, which nothing here asks for.
      if (place < 7) value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80) return value;
    }
    throw malformed("a varint of at most ten bytes");
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.byteLength - at) throw malformed("a field that ends in the message");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.byteLength) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0) throw malformed("a field number from 1");
    if (wire === 0) yield { number, value: varint() };
    else if (wire === 2) yield { number, value: take(varint()) };
    else if (wire === 1) take(8);
    else if (wire === 5) take(4);
    else throw malformed("a known wire type");
  }
}

/** A varint field. @param value - 0 to 2^28 − 1 */
export function varintField(number: number, value: number): Uint8Array {
  return Uint8Array.from([number * 8, ...encodeVarint(value)]);
}

/** The head of a length-delimited field, to be followed by so many bytes. */
export function fieldHead(number: number, length: number): Uint8Array {
  return Uint8Array.from([number * 8 + 2, ...encodeVarint(length)]);
}

function malformed(expected: string): GgenError {
  return new GgenError("network.protocol", "A peer sent a malformed protobuf message", { expected });
}
