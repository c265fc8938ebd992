/** Languages that synthetic packages are written in. */
export const languages = [
  "rust",
  "python",
  "typescript",
  "golang",
  "java",
  "kotlin",
  "swift",
  "ruby",
  "elixir",
  "haskell",
] as const;

/** What synthetic packages are about: the word, its plural, its category. */
export const subjects: readonly (readonly [singular: string, plural: string, category: string])[] = [
  ["invoice", "invoices", "finance"],
  ["ledger", "ledgers", "finance"],
  ["payment", "payments", "finance"],
  ["currency", "currencies", "finance"],
  ["loan", "loans", "finance"],
  ["patient", "patients", "healthcare"],
  ["prescription", "prescriptions", "healthcare"],
  ["diagnosis", "diagnoses", "healthcare"],
  ["allergy", "allergies", "healthcare"],
  ["clinic", "clinics", "healthcare"],
  ["coupon", "coupons", "commerce"],
  ["inventory", "inventories", "commerce"],
  ["shipment", "shipments", "commerce"],
  ["warehouse", "warehouses", "commerce"],
  ["catalog", "catalogs", "commerce"],
  ["image", "images", "media"],
  ["video", "videos", "media"],
  ["playlist", "playlists", "media"],
  ["podcast", "podcasts", "media"],
  ["subtitle", "subtitles", "media"],
  ["lesson", "lessons", "education"],
  ["quiz", "quizzes", "education"],
  ["syllabus", "syllabuses", "education"],
  ["library", "libraries", "education"],
  ["booking", "bookings", "travel"],
  ["flight", "flights", "travel"],
  ["hotel", "hotels", "travel"],
  ["itinerary", "itineraries", "travel"],
  ["certificate", "certificates", "security"],
  ["password", "passwords", "security"],
  ["session", "sessions", "security"],
  ["policy", "policies", "security"],
  ["sensor", "sensors", "operations"],
  ["vehicle", "vehicles", "operations"],
  ["calendar", "calendars", "operations"],
  ["survey", "surveys", "operations"],
];

/** What synthetic packages are: the word, its plural, and what it does. */
export const kinds: readonly (readonly [singular: string, plural: string, does: string])[] = [
  ["client", "clients", "Talks to"],
  ["server", "servers", "Serves"],
  ["parser", "parsers", "Parses"],
  ["validator", "validators", "Validates"],
  ["dashboard", "dashboards", "Shows"],
  ["scheduler", "schedulers", "Schedules"],
  ["exporter", "exporters", "Exports"],
  ["importer", "importers", "Imports"],
  ["template", "templates", "Scaffolds"],
  ["gateway", "gateways", "Routes"],
  ["simulator", "simulators", "Simulates"],
  ["adapter", "adapters", "Adapts"],
  ["monitor", "monitors", "Watches"],
  ["archiver", "archivers", "Archives"],
];

/** Who publishes synthetic packages; many share one of the two names. */
export const givenNames = ["Ada", "Bruno", "Chiara", "Dmitri", "Esra", "Farid", "Greta", "Hugo"] as const;
export const familyNames = ["Winter", "Okafor", "Lindqvist", "Moreau", "Tanaka", "Brandt"] as const;

/** First labels of synthetic ids. */
export const organisations = ["com.acme", "io.github", "org.openworks", "dev.quill", "net.harbor", "io.ggen"] as const;

/** What follows the name of a package that is a variant of another. */
export const variants = ["lite", "next", "examples", "plus"] as const;
