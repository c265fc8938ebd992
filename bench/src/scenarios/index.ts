import type { Scenario } from "../scenario.ts";
import { cache } from "./cache.ts";
import { connect } from "./connect.ts";
import { dht } from "./dht.ts";
import { disk } from "./disk.ts";
import { gossip } from "./gossip.ts";
import { install } from "./install.ts";
import { nodeStart } from "./node-start.ts";
import { processStart } from "./process-start.ts";
import { publish } from "./publish.ts";
import { reconcile } from "./reconcile.ts";
import { reconnect } from "./reconnect.ts";
import { search } from "./search.ts";
import { searchQuality } from "./search-quality.ts";
import { searchMillion, searchScale } from "./search-scale.ts";
import { takeover } from "./takeover.ts";
import { smallPackage } from "./small-package.ts";
import { spam } from "./spam.ts";
import { swarm } from "./swarm.ts";
import { throughput } from "./throughput.ts";
import { transport } from "./transport.ts";
import { uplink } from "./uplink.ts";

/** Every scenario, in the order in which it is run. */
export const scenarios: readonly Scenario[] = [
  processStart,
  nodeStart,
  connect,
  reconnect,
  publish,
  gossip,
  search,
  searchQuality,
  searchScale,
  searchMillion,
  reconcile,
  takeover,
  spam,
  disk,
  dht,
  transport,
  install,
  throughput,
  swarm,
  uplink,
  smallPackage,
  cache,
];
