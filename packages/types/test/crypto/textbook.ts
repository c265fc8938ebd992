import { createHash } from "node:crypto";

/**
 * Ed25519 as a textbook verifies it, with none of the refusals: what a careless second implementation would do. The
 * attack tests show it accepting what ours refuses. Slow, and never to be used for anything else.
 */
const prime = 2n ** 255n - 19n;
/** The order of the group that the base point generates. */
export const groupOrder: bigint = 2n ** 252n + 27742317777372353535851937790883648493n;
const curve = mod(-121665n * power(121666n, prime - 2n));
const rootOfMinusOne = power(2n, (prime - 1n) / 4n);

type Point = readonly [x: bigint, y: bigint];
const neutral: Point = [0n, 1n];

function mod(value: bigint): bigint {
  const rest = value % prime;
  return rest < 0n ? rest + prime : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = ((base % prime) + prime) % prime;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

function add([ax, ay]: Point, [bx, by]: Point): Point {
  const product = mod(curve * ax * bx * ay * by);
  const x = mod((ax * by + ay * bx) * power(1n + product, prime - 2n));
  const y = mod((ay * by + ax * bx) * power(1n - product + prime, prime - 2n));
  return [x, y];
}

function multiply(point: Point, scalar: bigint): Point {
  let result = neutral;
  let doubled = point;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

/** Little-endian bytes as a number. */
export function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(
    `0x${Buffer.from(bytes)
      .toReversed()
      .reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "")}`,
  );
}

/** A number as 32 little-endian bytes. */
export function toLittleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}

/** Reads a point without asking whether it was written canonically. */
function readPoint(bytes: Uint8Array): Point | undefined {
  const sign = ((bytes[31] ?? 0) & 0x80) === 0 ? 0n : 1n;
  const y = mod(fromLittleEndian(bytes) & ((1n << 255n) - 1n));
  const ratio = mod((y * y - 1n) * power(curve * y * y + 1n, prime - 2n));
  let x = power(ratio, (prime + 3n) / 8n);
  if (mod(x * x) !== ratio) x = mod(x * rootOfMinusOne);
  if (mod(x * x) !== ratio) return undefined;
  return [(x & 1n) === sign ? x : mod(-x), y];
}

const base =
  readPoint(Buffer.from("5866666666666666666666666666666666666666666666666666666666666666", "hex")) ?? neutral;

/** The challenge of a signature. */
export function challenge(r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  return fromLittleEndian(createHash("sha512").update(r).update(publicKey).update(message).digest()) % groupOrder;
}

/** The secret scalar of a seed. */
export function secretScalar(seed: Uint8Array): bigint {
  const digest = createHash("sha512").update(seed).digest().subarray(0, 32);
  digest[0] = (digest[0] ?? 0) & 0xf8;
  digest[31] = ((digest[31] ?? 0) & 0x7f) | 0x40;
  return fromLittleEndian(digest);
}

/** Whether `S·B = R + k·A`, for any spelling of `A`, `R` and `S`. */
export function verifyLikeATextbook(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = readPoint(publicKey);
  const r = readPoint(signature.subarray(0, 32));
  if (key === undefined || r === undefined) return false;
  const left = multiply(base, fromLittleEndian(signature.subarray(32)));
  const right = add(r, multiply(key, challenge(signature.subarray(0, 32), publicKey, message)));
  return left[0] === right[0] && left[1] === right[1];
}
