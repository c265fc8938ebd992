import type { CallOptions, NodeApi } from "@ggen/p2p-types";

import type { Field, Shape } from "./shape.ts";

/** The name of a method of the control API. */
export type MethodName = keyof NodeApi;

type FieldFor<T> = [T] extends [boolean]
  ? Extract<Field, { type: "boolean" }>
  : [T] extends [number]
    ? Extract<Field, { type: "number" }>
    : [T] extends [string]
      ? Extract<Field, { type: "string" | "choice" }>
      : [T] extends [readonly string[]]
        ? Extract<Field, { type: "strings" }>
        : never;

type ShapeFor<P> = {
  readonly [K in keyof P]-?: FieldFor<NonNullable<P[K]>> &
    (undefined extends P[K] ? { readonly optional: true } : { readonly optional?: never });
};

type SpecFor<M extends MethodName> =
  Parameters<NodeApi[M]> extends [options?: CallOptions] ? null : ShapeFor<Parameters<NodeApi[M]>[0]>;

const text = { type: "string", maxLength: 500 } as const;
const optionalText = { ...text, optional: true } as const;
const path = { type: "string", maxLength: 4096 } as const;
const optionalPath = { ...path, optional: true } as const;
const flag = { type: "boolean" } as const;
const optionalFlag = { ...flag, optional: true } as const;
const words = { type: "strings", maxItems: 64, maxLength: 200, optional: true } as const;
const share = { type: "number", min: 0, max: 1, optional: true } as const;
const count = { type: "number", min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, optional: true } as const;

const recoveryWords = { type: "strings", maxItems: 5, maxLength: 400, secret: true } as const;
const change = { publisher: optionalText, recoveryWords, over: optionalText } as const;
const rotationKeyCount = { type: "number", min: 1, max: 5, integer: true } as const;
const optionalKeyCount = { ...rotationKeyCount, optional: true } as const;

const shapes: { readonly [M in MethodName]: SpecFor<M> } = {
  status: null,
  stats: null,
  search: {
    text: { type: "string", maxLength: 1000, optional: true },
    keywords: words,
    categories: words,
    category: optionalText,
    tags: words,
    licenses: words,
    publisher: optionalText,
    limit: { type: "number", min: 1, max: 100, integer: true, optional: true },
    offset: count,
    cursor: { type: "string", maxLength: 4000, optional: true },
    facets: optionalFlag,
    sort: { type: "choice", of: ["relevance", "name", "updated"], optional: true },
    minReputation: share,
  },
  info: { ref: text },
  publish: {
    path,
    version: optionalText,
    skipVerify: optionalFlag,
    dryRun: optionalFlag,
    replicas: { type: "number", min: 0, max: 1000, integer: true, optional: true },
  },
  install: {
    ref: optionalText,
    target: path,
    lockfile: optionalPath,
    force: optionalFlag,
    dryRun: optionalFlag,
    noDependencies: optionalFlag,
    frozenLockfile: optionalFlag,
    publisher: optionalText,
  },
  why: { ref: text },
  bootstrap: {
    addresses: { type: "strings", maxItems: 100, maxLength: 1000 },
    timeoutMs: { type: "number", min: 1, max: 3_600_000, integer: true },
  },
  peers: { minReputation: share },
  peerInfo: { peerId: text },
  publishers: null,
  publisherInit: { nickname: optionalText, keys: optionalKeyCount, threshold: optionalKeyCount },
  publisherGrant: { ...change, key: optionalText, label: optionalText },
  publisherRequestKey: { publisher: text },
  publisherRevoke: { ...change, key: text, at: count, head: optionalText },
  publisherRotate: {
    ...change,
    keys: { type: "strings", maxItems: 5, maxLength: 64 },
    threshold: rotationKeyCount,
  },
  publisherRecover: { ...change, label: optionalText, nickname: optionalText },
  publisherDomain: { ...change, domain: text, claim: flag },
  trust: { publisher: text, nickname: optionalText, trusted: flag },
  yank: { ref: text, reason: { type: "string", maxLength: 2000 }, yanked: flag },
  cacheStatus: null,
  cacheVerify: null,
  cacheGc: null,
  cachePin: { ref: text, pinned: flag },
  stop: null,
};

/** Every method of the control API with the shape of its parameters: the one table behind server and client. */
export const methods: ReadonlyMap<string, Shape | undefined> = new Map(
  Object.entries(shapes).map(([name, shape]) => [name, shape ?? undefined]),
);
