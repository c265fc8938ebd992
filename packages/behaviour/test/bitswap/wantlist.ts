import { fieldHead, varintField } from "../../src/wire/protobuf.ts";

/** An entry of a wantlist, as a Bitswap client writes it. */
export interface Entry {
  readonly cid: Uint8Array;
  readonly priority?: number;
  readonly cancel?: boolean;
  readonly have?: boolean;
  readonly sendDontHave?: boolean;
}

const field = (number: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([fieldHead(number, bytes.byteLength), bytes]);

/** A whole message with these entries. */
export function wantlist(entries: readonly Entry[]): Uint8Array {
  const encoded = entries.map(({ cid, priority = 1, cancel = false, have = false, sendDontHave = false }) =>
    field(
      1,
      Buffer.concat([
        field(1, cid),
        varintField(2, priority),
        ...(cancel ? [varintField(3, 1)] : []),
        ...(have ? [varintField(4, 1)] : []),
        ...(sendDontHave ? [varintField(5, 1)] : []),
      ]),
    ),
  );
  return field(1, Buffer.concat(encoded));
}
