import { booleanKey, choiceKey, type ConfigKey, integerKey, listKey, textKey } from "./config-key.ts";

/** The transports that `network.protocols` may name. */
export const protocolNames = ["tcp", "quic", "websocket", "webrtc-direct"] as const;

/** Rows about how a node meets and talks to others. */
export const networkKeys: readonly ConfigKey[] = [
  listKey("p2p.bootstrap_nodes", "bootstrap-node", "Nodes to connect to at start.", {
    environment: "GGEN_P2P_BOOTSTRAP",
    flag: "--bootstrap",
  }),
  {
    ...listKey(
      "p2p.listen_addresses",
      "address",
      "Where to listen, one address per enabled protocol unless set; a port 0 is chosen once and kept.",
      {
        environment: "GGEN_P2P_LISTEN",
        flag: "--listen",
      },
    ),
    default: ["/ip4/0.0.0.0/tcp/0"],
  },
  booleanKey("p2p.dht_server_mode", true, "Whether this node answers DHT queries of others.", {
    environment: "GGEN_P2P_DHT_SERVER",
    flag: "--dht-server",
  }),
  textKey("p2p.packages_topic", "/ggen/packages/v1", "protocol-name", "The gossip topic of announcements."),
  integerKey("p2p.query_timeout_secs", 30, [1, 600], "s", "Longest time for one registry query."),
  {
    ...listKey("network.protocols", "name", "Transports to speak."),
    default: ["tcp"],
    choices: protocolNames,
  },
  integerKey("network.max_connections", 100, [1, 10_000], "connections", "Most connections at one time."),
  integerKey("network.connection_timeout", 30, [1, 600], "s", "Longest time until a connection is up."),
  integerKey("network.idle_timeout", 300, [1, 86_400], "s", "When an unused connection may be closed."),
  booleanKey("network.mdns", true, "Whether to find nodes in the local network."),
  booleanKey(
    "network.direct_transfer",
    true,
    "Whether large contents may come and go, unencrypted, over plain connections to connected peers. " +
      "Never in a private network.",
  ),
  integerKey("network.upload_kbps", 0, [0, 100_000_000], "KB/s", "Cap on sending content; 0 is none."),
  integerKey("network.download_kbps", 0, [0, 100_000_000], "KB/s", "Cap on fetching content; 0 is none."),
  integerKey("network.peer_upload_kbps", 0, [0, 100_000_000], "KB/s", "Cap on sending content to one peer; 0 is none."),
  integerKey("network.peer_download_kbps", 0, [0, 100_000_000], "KB/s", "Cap on fetching from one peer; 0 is none."),
  booleanKey("security.noise_enabled", true, "Whether to speak Noise; it or TLS has to be on."),
  booleanKey("security.tls_enabled", true, "Whether to speak TLS 1.3, preferred where both ends can."),
  choiceKey("security.key_type", ["ed25519"], "ed25519", "The kind of the node's identity key."),
  textKey("security.identity_path", "identity.key", "path", "The file of the identity key, relative to GGEN_HOME."),
  listKey("security.allow_peers", "peer-id", "When not empty: the only peers to talk to."),
  listKey("security.deny_peers", "peer-id", "Peers never to talk to."),
  listKey("security.deny_addresses", "ip-range", "IP addresses and CIDR ranges never to talk to."),
  listKey("security.deny_publishers", "publisher-id", "Publishers whose packages are never shown or kept."),
  textKey(
    "security.private_network_key",
    undefined,
    "path",
    "The file of a pre-shared network key, relative to GGEN_HOME; TCP and WebSocket only.",
  ),
  textKey("dht.protocol", "/ggen/kad/1.0.0", "protocol-name", "The name of the DHT's protocol."),
  integerKey("dht.replication_factor", 20, [1, 100], "peers", "On how many peers a provider record is put."),
  integerKey("dht.query_timeout", 60, [1, 600], "s", "Longest time for one walk through the DHT."),
  integerKey("dht.provider_record_ttl", 86_400, [60, 604_800], "s", "How long a provider record is kept."),
  booleanKey("dht.amino", false, "Whether to meet strangers through the public IPFS DHT too."),
  integerKey("gossipsub.heartbeat_ms", 1000, [100, 60_000], "ms", "Time between two upkeeps of the mesh."),
  integerKey("gossipsub.history_length", 5, [1, 100], "heartbeats", "How long messages are kept for those who ask."),
  integerKey(
    "gossipsub.history_gossip",
    3,
    [1, 100],
    "heartbeats",
    "How long messages are told about; at most the history's length.",
  ),
  integerKey("gossipsub.mesh_n", 6, [1, 100], "peers", "Wanted size of the mesh."),
  integerKey("gossipsub.mesh_n_low", 4, [1, 100], "peers", "Below this the mesh grows."),
  integerKey("gossipsub.mesh_n_high", 12, [1, 100], "peers", "Above this the mesh shrinks."),
  booleanKey("ipfs.bitswap", false, "Whether IPFS nodes that connect may fetch packages by CID over Bitswap."),
];
