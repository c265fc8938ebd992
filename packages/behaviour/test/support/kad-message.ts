/** An ADD_PROVIDER message of Kademlia, length-prefixed, by hand: field numbers as in the libp2p specification. */
export function encode(record: {
  readonly key: Uint8Array;
  readonly peerId: Uint8Array;
  readonly address: Uint8Array | undefined;
}): Uint8Array {
  const peer = Buffer.concat([field(1, record.peerId), field(2, record.address ?? new Uint8Array())]);
  const message = Buffer.concat([Buffer.from([0x08, 2]), field(2, record.key), field(9, peer)]);
  return Buffer.concat([varint(message.byteLength), message]);
}

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.byteLength), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
