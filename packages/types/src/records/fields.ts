import { toHex } from "../crypto/hash.ts";
import { GgenError } from "../errors.ts";

/** A decoded CBOR map whose fields are taken out one by one; what is left over in the end is an error. */
export interface Fields {
  /** Whether the field is present and not yet taken. */
  has(name: string): boolean;
  integer(name: string, min: number, max: number): number;
  text(name: string, min: number, max: number): string;
  boolean(name: string): boolean;
  /** Bytes of exactly this length, as hexadecimal. */
  hex(name: string, length: number): string;
  hexOrNull(name: string, length: number): string | null;
  list<T>(name: string, max: number, item: (value: unknown, name: string) => T): T[];
  raw(name: string): unknown;
  /** @throws GgenError `record.invalid` when a field was not taken */
  end(): void;
}

/** A refusal of a record: which field, what it should have been. */
export function invalidRecord(field: string, expected: string): GgenError {
  return new GgenError("record.invalid", `Field "${field}" of a record is not valid`, { expected });
}

/** @throws GgenError `record.invalid` */
export function checkText(value: unknown, name: string, min: number, max: number): string {
  if (typeof value !== "string" || value.length < min || value.length > max || !value.isWellFormed()) {
    throw invalidRecord(name, `text of ${min}-${max} characters`);
  }
  return value;
}

/** @throws GgenError `record.invalid` */
export function checkBytes(value: unknown, name: string, length: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.byteLength !== length) throw invalidRecord(name, `${length} bytes`);
  return value;
}

/** @throws GgenError `record.invalid` */
export function checkHex(value: unknown, name: string, length: number): string {
  return toHex(checkBytes(value, name, length));
}

/**
 * Reads a decoded CBOR value as a map; what is taken out of it is gone from it.
 * @throws GgenError `record.invalid` when it is none
 */
export function readFields(value: unknown, what: string): Fields {
  if (!(value instanceof Map)) throw invalidRecord(what, "a map");
  const rest: Map<string, unknown> = value;
  const raw = (name: string): unknown => {
    if (!rest.has(name)) throw invalidRecord(`${what}.${name}`, "to be present");
    const field = rest.get(name);
    rest.delete(name);
    return field;
  };
  return {
    raw,
    has: (name) => rest.has(name),
    integer(name, min, max) {
      const number = raw(name);
      if (!Number.isSafeInteger(number) || (number as number) < min || (number as number) > max) {
        throw invalidRecord(`${what}.${name}`, `an integer from ${min} to ${max}`);
      }
      return number as number;
    },
    text: (name, min, max) => checkText(raw(name), `${what}.${name}`, min, max),
    boolean(name) {
      const flag = raw(name);
      if (typeof flag !== "boolean") throw invalidRecord(`${what}.${name}`, "true or false");
      return flag;
    },
    hex: (name, length) => checkHex(raw(name), `${what}.${name}`, length),
    hexOrNull(name, length) {
      const bytes = raw(name);
      return bytes === null ? null : checkHex(bytes, `${what}.${name}`, length);
    },
    list(name, max, item) {
      const items = raw(name);
      if (!Array.isArray(items) || items.length > max)
        throw invalidRecord(`${what}.${name}`, `a list of at most ${max}`);
      return items.map((value, index) => item(value, `${what}.${name}[${index}]`));
    },
    end() {
      const [name] = rest.keys();
      if (name !== undefined) throw invalidRecord(`${what}.${name}`, "to be absent: no such field");
    },
  };
}
