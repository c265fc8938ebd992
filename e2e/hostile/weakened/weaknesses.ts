import { endlessData } from "./endless-data.ts";
import type { Weakness } from "./weakness.ts";

/** Every weakened build, by name. */
export const weaknesses: Readonly<Record<string, Weakness>> = {
  "unsigned-records": {
    believes: "whatever names a key was signed by it",
    edits: [
      {
        module: "types/src/crypto/ed25519.ts",
        find: "return verify(null, message, key, signature);",
        put: "return true;",
      },
    ],
  },
  "unhashed-blocks": {
    believes: "what a holder sends is what was asked for",
    edits: [
      { module: "cache/src/store/fetch-state.ts", find: "if (got !== digest) throw", put: "if (got === '') throw" },
      {
        module: "cache/src/files/chunk-files.ts",
        find: 'return hash("sha256", bytes, "hex") === digest ? bytes : "damaged";',
        put: "return bytes;",
      },
      { module: "cache/src/store/writer.ts", find: "if (sha256 !== content.sha256) {", put: "if (sha256 === '') {" },
    ],
  },
  "strangers-stay": {
    believes: "whoever came first may stay",
    edits: [
      {
        module: "catalog/src/admission/admission.ts",
        find: "if (needed <= 0 || nowMs < this.#restsUntilMs) return [];",
        put: "return [];",
      },
    ],
  },
  "any-claimant": {
    believes: "of several claimants the one with the highest version",
    edits: [
      {
        module: "registry/src/install/plan.ts",
        find: "const locked = lockedEntry(lock, ref.id)?.publisher;",
        put: `const [newest] = (parts.catalog.entry(ref.id)?.claimants ?? []).toSorted((a, b) =>
      Number.parseInt(b.releases.at(-1)?.version ?? "0") - Number.parseInt(a.releases.at(-1)?.version ?? "0"));
    const locked = newest?.publisher;`,
      },
    ],
  },
  "any-time": {
    believes: "the time that an author writes",
    edits: [
      {
        module: "catalog/src/replica/limits.ts",
        find: "maxAheadSeconds = 600;",
        put: "maxAheadSeconds = Number.MAX_SAFE_INTEGER;",
      },
    ],
  },
  "first-peer-only": {
    believes: "the peer that it met first, and nobody else",
    edits: [
      {
        module: "registry/src/start-network.ts",
        find: "return await incoming.accept(envelopes, origin);",
        put: `first ??= origin.peer;
            if (origin.peer !== first) return { accepted: [], known: [], deferred: [], rejected: [] };
            return await incoming.accept(envelopes, origin);`,
      },
      {
        module: "registry/src/start-network.ts",
        find: "const saveEveryMs = 60_000;",
        put: "const saveEveryMs = 60_000;\nlet first: string | undefined;",
      },
    ],
  },
  "first-answer-only": {
    believes: "the one full node that a light node asks",
    edits: [
      {
        module: "registry/src/light/choose-peers.ts",
        find: "return [...first, ...others].slice(0, count);",
        put: "return network.fullPeers().filter((peer) => peer === network.connectedPeers()[0]).slice(0, count);",
      },
    ],
  },
  "one-bad-mirror-is-enough": {
    believes: "a content whose first holder lies cannot be had",
    edits: [
      {
        module: "behaviour/src/download/download.ts",
        find: 'if (isGgenError(error, "content.mismatch")) {',
        put: 'if (isGgenError(error, "content.missing")) {',
      },
    ],
  },
  "parentless-records": {
    believes: "a record whose parents it was not shown",
    edits: [
      {
        module: "catalog/src/rules/release-chains.ts",
        find: "if (operation.prev !== null && (parent === undefined || !placed.has(operation.prev))) {",
        put: "if (operation.seq < 1) {",
      },
      {
        module: "catalog/src/rules/release-chains.ts",
        find: "const level = levels[operation.seq - 1];",
        put: "for (let at = 0; at < operation.seq; at += 1) levels[at] ??= [];\n    const level = levels[operation.seq - 1];",
      },
    ],
  },
  "last-record-wins": {
    believes: "the release whose record came last is the newest, as where a name points to one record",
    edits: [
      {
        module: "registry/src/start-network.ts",
        find: "return await incoming.accept(envelopes, origin);",
        put: `const { decodeEnvelope } = await import("@ggen/p2p-types");
            for (const { signed } of envelopes.map((envelope) => decodeEnvelope(envelope))) {
              if (signed.operation.type === "release" && catalog.has(signed.id)) globalThis.lastCame = signed.id;
            }
            return await incoming.accept(envelopes, origin);`,
      },
      {
        module: "registry/src/resolve/select-version.ts",
        find: "const newest = usable.at(-1);",
        put: "const newest = usable.find(({ operation }) => operation === globalThis.lastCame) ?? usable.at(-1);",
      },
    ],
  },
  "no-conflicts": {
    believes: "of two contents of one version the one with the earlier record, and every link of a forked chain",
    edits: [
      {
        module: "catalog/src/rules/versions.ts",
        find: "const sameContent = others.every((other) => isSameContent(first, other));",
        put: "const sameContent = true;",
      },
      {
        module: "catalog/src/rules/release-chains.ts",
        find: "const forkedAt = levels.findIndex((level) => level.length > 1) + 1;",
        put: "const forkedAt = 0 as number;",
      },
    ],
  },
  "endless-data": endlessData,
  "no-revocation": {
    believes: "a key that was granted once for ever",
    edits: [
      {
        module: "catalog/src/rules/release-chains.ts",
        find: "upToRevocation(levels, state.revoked, withoutEffect)",
        put: "levels.flat()",
      },
    ],
  },
};
