import { choiceKey, type ConfigKey, integerKey, numberKey, textKey } from "./config-key.ts";

/** Rows about what a node keeps, searches, installs and serves. */
export const nodeKeys: readonly ConfigKey[] = [
  textKey("registry.url", undefined, "directory-url", "A static index of packages, read beside the network.", {
    environment: "GGEN_REGISTRY_URL",
  }),
  numberKey("location.latitude", undefined, [-90, 90], "degrees", "Where this node is; shared only when set."),
  numberKey("location.longitude", undefined, [-180, 180], "degrees", "Where this node is; shared only when set."),
  textKey("location.region", undefined, "name", "The name of that place, e.g. `US-CA`; needs both coordinates."),
  integerKey(
    "cache.max_size_mb",
    100,
    [1, 16_777_216],
    "MB",
    "Cap on evictable content; own, pinned and installed packages do not count.",
  ),
  integerKey("cache.ttl_minutes", 5, [0, 10_080], "minutes", "How long an answer stays in the hot cache in memory."),
  integerKey("cache.max_package_mb", 256, [1, 4096], "MB", "Largest package that is published, fetched or installed."),
  integerKey(
    "search.default_limit",
    20,
    [1, 100],
    "results",
    "How many results a search gives unless told otherwise.",
    {
      flag: "--limit",
    },
  ),
  numberKey(
    "search.min_reputation",
    0,
    [0, 1],
    "score",
    "Hides packages without a known holder of at least this score.",
    {
      flag: "--min-reputation",
    },
  ),
  choiceKey(
    "catalog.mode",
    ["full", "light"],
    "full",
    "`full` keeps every record; `light` keeps those of publishers that matter here, and asks several full nodes for the rest.",
  ),
  integerKey(
    "catalog.max_mb",
    1024,
    [1, 1_048_576],
    "MB",
    "Cap on the catalogue's database: publishers that nobody here knows make room when it is used up. A light node uses 64 of it.",
  ),
  choiceKey(
    "mirror.mode",
    ["none", "followed", "trusted", "all"],
    "followed",
    "Whose packages this node keeps a copy of for others.",
  ),
  integerKey("mirror.max_mb", 1024, [0, 16_777_216], "MB", "Cap on copies that are kept for others."),
  integerKey(
    "mirror.delay_secs",
    60,
    [0, 3600],
    "s",
    "A release is copied after a random time between half of this and all of it, so that not everybody asks at once.",
  ),
  integerKey(
    "mirror.check_secs",
    600,
    [1, 86_400],
    "s",
    "How often holders of own releases are challenged again, and copies are compared with what should be kept.",
  ),
  integerKey(
    "mirror.download_kbps",
    4096,
    [0, 4_194_304],
    "KB/s",
    "What copies for others are fetched at in the long run; 0 for no cap. Installs go first in any case.",
  ),
  integerKey("install.cooldown_hours", 24, [0, 720], "hours", "How old a release must be before a range picks it."),
  textKey("http.host", "127.0.0.1", "host", "The address that the gateway binds.", { flag: "--http" }),
  integerKey("http.port", 8080, [0, 65_535], "port", "The port of the gateway; 0 lets the system choose.", {
    flag: "--http",
  }),
];
