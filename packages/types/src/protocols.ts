/** Names on the wire. A change of any format behind one of them is a new name. */
export const protocols = {
  dht: "/ggen/kad/1.0.0",
  packagesTopic: "/ggen/packages/v1",
  sync: "/ggen/sync/1",
  operations: "/ggen/ops/1",
  chunks: "/ggen/chunks/1",
  direct: "/ggen/direct/1",
  search: "/ggen/search/1",
  receipt: "/ggen/receipt/1",
  bitswap: "/ipfs/bitswap/1.2.0",
  mdnsServiceTag: "_ggen._udp.local",
} as const;

/** The version of the whole family. */
export const familyVersion = "2.4.0";
