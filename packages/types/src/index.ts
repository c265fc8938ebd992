/**
 * The bottom layer of the ggen marketplace: data model, record and content codecs, the verifier, errors, and the
 * interfaces that the layers above implement. No I/O.
 *
 * @packageDocumentation
 */
export type { AskedPeers } from "./api/asked-peers.ts";
export type { CallOptions, Progress } from "./api/call-options.ts";
export type { InstallParams, InstallResult, InstalledPackage } from "./api/installing.ts";
export type { NodeApi } from "./api/node-api.ts";
export type {
  BootstrapReport,
  CacheStatus,
  CacheVerifyReport,
  MirrorStatus,
  NodeStatus,
  ReplicaStatus,
} from "./api/node-status.ts";
export type { Claimant, ConflictProof, PackageInfo, WhyReport, WhyStep } from "./api/package-info.ts";
export type {
  DomainResult,
  NewRotationKey,
  PublisherChange,
  PublisherChangeParams,
  PublisherInfo,
  RevokeResult,
  SigningKeyChange,
} from "./api/publisher.ts";
export type { PublisherApi } from "./api/publisher-api.ts";
export type { PackedFile, PublishParams, PublishResult } from "./api/publishing.ts";
export type { Clock, RandomSource } from "./clock.ts";
export { blockCid, cidOfDigest, dagPbCodec, isContentCid, rawCodec } from "./content/cid.ts";
export {
  buildFileDag,
  childSizes,
  chunkCount,
  chunkSize,
  claimedNodeSize,
  type DagEntry,
  type DagNode,
  decodeNode,
  type FileDag,
  leafEntry,
  maxLinks,
  maxNodeBytes,
  type NodeLink,
} from "./content/unixfs.ts";
export {
  createSigner,
  isAcceptablePublicKey,
  publicKeyLength,
  signatureLength,
  type Signer,
  verifySignature,
} from "./crypto/ed25519.ts";
export { setBounded } from "./crypto/bounded-map.ts";
export { equalBytes, fromHex, sha256, toHex } from "./crypto/hash.ts";
export {
  type ErrorCode,
  type ErrorJson,
  type ErrorRow,
  errorTable,
  fromErrorJson,
  GgenError,
  type GgenErrorDetails,
  isGgenError,
  throwIfCancelled,
  toGgenError,
} from "./errors.ts";
export { IdleTimer } from "./idle-timer.ts";
export { systemReason } from "./system-reason.ts";
export { type Logger, type LogLevel, logLevels, silentLogger } from "./log.ts";
export { type Manifest, manifestLimits } from "./manifest.ts";
export { isPackageId, maxPackageIdLength, normalizePackageId, packageKey } from "./package-id.ts";
export type {
  FacetCount,
  HighlightPart,
  OperationSource,
  Package,
  PackageDraft,
  PackageMetadata,
  PackageUpdate,
  Query,
  SearchFacets,
  SearchPage,
  SearchResult,
  SearchSort,
} from "./package.ts";
export type {
  ContentProvider,
  DiscoveryMethod,
  GeoLocation,
  NetworkStats,
  PeerEvidence,
  PeerInfo,
  PeerReputation,
} from "./peer.ts";
export type {
  AcceptReport,
  BlockRef,
  ContentStat,
  ContentStore,
  ContentWriter,
  OperationStore,
  ReconcileIndex,
  ReconcileItem,
} from "./ports.ts";
export { familyVersion, protocols } from "./protocols.ts";
export { decodeEnvelope, openEnvelope, sealOperation, type UnverifiedEnvelope } from "./records/envelope.ts";
export { foundPublisher, type FoundedPublisher } from "./records/found-publisher.ts";
export { decodeOperation, encodeOperation } from "./records/operation-codec.ts";
export {
  type AuthorityOperation,
  type ChainOperation,
  type ContentAddress,
  type DomainOperation,
  type GenesisOperation,
  type GrantOperation,
  maxEnvelopeBytes,
  maxRotationKeys,
  type Operation,
  type OperationId,
  type OperationSignature,
  type PublicKey,
  type PublisherId,
  type ReleaseOperation,
  type RevokeOperation,
  type RotateOperation,
  type SignedOperation,
  type UnyankOperation,
  type YankOperation,
} from "./records/operation.ts";
export { fromPublisherId, isPublisherId, toPublisherId } from "./records/publisher-id.ts";
export type { Registry } from "./registry.ts";
export { formatRef, type PackageRef, parseRef } from "./ref.ts";
export { systemClock, systemRandom } from "./system.ts";
export { isVersion, maxVersionLength } from "./version.ts";
