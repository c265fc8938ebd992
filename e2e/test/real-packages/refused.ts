/** Why a folder is refused: the code, and what its one message must say. */
export interface Refusal {
  readonly code: "manifest.missing" | "manifest.invalid";
  readonly says: string;
}

const noManifest: Refusal = { code: "manifest.missing", says: "has no manifest" };
const notToml = (line: number, column: number): Refusal => ({
  code: "manifest.invalid",
  says: `package.toml is not TOML: line ${line}, column ${column}`,
});

/** Every folder of the corpus that is refused. All others are published. */
export const refusedOfCorpus: Readonly<Record<string, Refusal>> = {
  "api-gateway-service-mesh": noManifest,
  "compliance-audit-system": noManifest,
  "content-delivery-network": noManifest,
  "data-warehouse-etl": noManifest,
  "disaster-recovery-backup": noManifest,
  healthcare: noManifest,
  "identity-access-management": noManifest,
  "notification-messaging-hub": noManifest,
  "observability-platform": noManifest,
  "search-indexing-platform": noManifest,
  "workflow-automation-engine": noManifest,
  "customer-loyalty-rewards": notToml(60, 3),
  "iso-20022-payments": notToml(36, 3),
  "kyc-aml-compliance": notToml(26, 3),
  "order-management-system": notToml(60, 3),
  "trading-platform": notToml(26, 3),
};

/** Every folder of the sample that is refused, where there is no corpus. */
export const refusedOfSample: Readonly<Record<string, Refusal>> = {
  "edge-cache": noManifest,
  "patient-records": noManifest,
  "loyalty-points": notToml(11, 5),
  "payment-messages": notToml(4, 45),
};
