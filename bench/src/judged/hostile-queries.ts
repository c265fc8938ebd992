import type { Query } from "@ggen/p2p-types";
import { familyNames, givenNames, kinds, languages, organisations, subjects } from "./vocabulary.ts";

const common = [
  ...new Set([...organisations.flatMap((label) => label.split(".")), "in", "for", "each", "the", "next"]),
];
const all = [...common, ...languages, ...kinds.map(([kind]) => kind), ...subjects.map(([subject]) => subject)];

/** Queries that are meant to cost as much as they can, over the synthetic packages. */
export const hostileQueries: readonly Query[] = [
  { text: all.slice(0, 24).join(" ") },
  { text: `${all.slice(0, 23).join(" ")} zzzz` },
  { text: common.join(" ") },
  { text: `${common.slice(0, 10).join(" ")} i` },
  { text: "in" },
  { text: "co" },
  {
    text: all
      .slice(20, 44)
      .map((word) => `${word.slice(0, 2)}x${word.slice(2)}`)
      .join(" "),
  },
  { text: '"in each" "for each" "next to" "to your" "the lite" a' },
  { text: [...givenNames, ...familyNames].join(" ") },
  { text: "a ".repeat(500) },
  { text: "p".repeat(1000) },
  { text: "invoiceparserledgervalidatorpaymentdashboardinvoiceparserledgerv" },
  { text: "for", tags: ["rust", "invoice", "parser"], facets: true },
  { text: "for", sort: "updated", facets: true, limit: 100 },
  { categories: ["other", "finance", "media"], facets: true, sort: "name", limit: 100 },
  { tags: ["rust", "python"], facets: true },
  { facets: true, sort: "updated", offset: 1_000_000 },
  { licenses: ["none"], sort: "name" },
];
