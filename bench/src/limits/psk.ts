/** A key that both ends know, because node can make no certificate: the bulk cipher is what costs, and it is the same. */
export const pskKey: Buffer = Buffer.alloc(32, 7);
export const pskIdentity = "bench";
export const pskCipher = "PSK-AES256-GCM-SHA384";
