import { GgenError } from "@ggen/p2p-types";
import { decode, encode } from "@ipld/dag-cbor";

/** A refusal of a message: which field, what it should have been. */
export function invalidMessage(field: string, expected: string, cause?: unknown): GgenError {
  return new GgenError("network.protocol", `A peer sent a message whose "${field}" is not valid`, { expected, cause });
}

/** The fields of a decoded map, taken out one by one. */
export interface MessageFields {
  has(name: string): boolean;
  integer(name: string, min: number, max: number): number;
  boolean(name: string): boolean;
  text(name: string, max: number): string;
  bytes(name: string, min: number, max: number): Uint8Array;
  list<T>(name: string, max: number, item: (value: unknown, name: string) => T): T[];
  /** @throws GgenError `network.protocol` when a field is left */
  end(): void;
}

/** Encodes a message as deterministic DAG-CBOR. Fields that are undefined are left out. */
export function encodeMessage(message: Readonly<Record<string, unknown>>): Uint8Array {
  return encode(Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined)));
}

/** @throws GgenError `network.protocol` */
export function checkBytes(value: unknown, name: string, min: number, max: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.byteLength < min || value.byteLength > max) {
    throw invalidMessage(name, min === max ? `${min} bytes` : `${min}-${max} bytes`);
  }
  return value;
}

/** @throws GgenError `network.protocol` */
export function checkText(value: unknown, name: string, max: number): string {
  if (typeof value !== "string" || value.length > max || !value.isWellFormed()) {
    throw invalidMessage(name, `text of at most ${max} characters`);
  }
  return value;
}

/**
 * Decodes a message: one DAG-CBOR map.
 * @param bytes - its size was checked when it was framed
 * @throws GgenError `network.protocol`
 */
export function decodeMessage(bytes: Uint8Array): MessageFields {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch (cause) {
    throw invalidMessage("message", "DAG-CBOR", cause);
  }
  return readMessage(value, "message");
}

/** Reads a decoded value as a map. @throws GgenError `network.protocol` */
export function readMessage(value: unknown, what: string): MessageFields {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    throw invalidMessage(what, "a map");
  }
  const rest = new Map<string, unknown>(Object.entries(value));
  const take = (name: string): unknown => {
    const field = rest.get(name);
    rest.delete(name);
    return field;
  };
  return {
    has: (name) => rest.has(name),
    integer(name, min, max) {
      const number = take(name);
      if (typeof number !== "number" || !Number.isSafeInteger(number) || number < min || number > max) {
        throw invalidMessage(name, `an integer from ${min} to ${max}`);
      }
      return number;
    },
    boolean(name) {
      const flag = take(name);
      if (typeof flag !== "boolean") throw invalidMessage(name, "true or false");
      return flag;
    },
    text: (name, max) => checkText(take(name), name, max),
    bytes: (name, min, max) => checkBytes(take(name), name, min, max),
    list(name, max, item) {
      const items = take(name);
      if (!Array.isArray(items) || items.length > max) throw invalidMessage(name, `a list of at most ${max}`);
      return items.map((entry, index) => item(entry, `${name}[${index}]`));
    },
    end() {
      const [name] = rest.keys();
      if (name !== undefined) throw invalidMessage(name.slice(0, 40), "to be absent: no such field");
    },
  };
}
