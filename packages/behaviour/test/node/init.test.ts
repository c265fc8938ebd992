import { defineConfig } from "@ggen/p2p-config";
import { expect, it } from "vitest";

import { settle } from "../../src/node/init.ts";

it("a node that is tuned in nothing is one of a configuration in which nothing is set", () => {
  expect(settle({})).toEqual(settle(defineConfig({})));
});
