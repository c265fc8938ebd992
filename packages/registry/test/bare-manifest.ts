import type { Manifest } from "@ggen/p2p-types";

/** A manifest that says no more than it must. */
export const bareManifest: Manifest = {
  title: "A package",
  description: "",
  tags: [],
  keywords: [],
  authors: [],
  dependencies: {},
  requires: [],
};
