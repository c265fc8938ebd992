import { toHex } from "./hash.ts";

/**
 * The points of small order and every non-canonical spelling of them, in hexadecimal without the sign bit: a key among
 * them has signatures that are valid for many messages.
 * @see https://www.rfc-editor.org/rfc/rfc8032 section 5.1.7; "Taming the many EdDSAs" (Chalkias et al., 2020), table 1
 */
const smallOrder = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

const fieldPrime = 2n ** 255n - 19n;
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`);
}

/** The 32 bytes of a point without its sign: its y coordinate. */
function yOf(point: Uint8Array): Uint8Array {
  const y = point.slice();
  y[31] = (y[31] ?? 0) & 0x7f;
  return y;
}

/** Whether 32 bytes write a point of small order, in any spelling. */
export function isSmallOrder(point: Uint8Array): boolean {
  return smallOrder.has(toHex(yOf(point)));
}

/** Whether the y coordinate of a point (32 bytes) is below the field's prime: no other spelling is shorter. */
export function hasCanonicalY(point: Uint8Array): boolean {
  return littleEndian(yOf(point)) < fieldPrime;
}

/** Whether 32 bytes are a number below the group order: only such an S is not malleable. */
export function isReducedScalar(scalar: Uint8Array): boolean {
  // Only a number with its top bits set can reach the order, so the big-integer comparison is almost never needed.
  return (scalar[31] ?? 0) < 0x10 || littleEndian(scalar) < groupOrder;
}
