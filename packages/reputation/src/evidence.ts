import type { PeerEvidence } from "@ggen/p2p-types";

/** How much a new response time moves the smoothed one: after five answers two thirds of it are new. */
const smoothing = 0.2;

/** Evidence about a peer of which nothing is known. */
export const emptyEvidence: PeerEvidence = Object.freeze({
  successes: 0,
  failures: 0,
  lies: 0,
  upSeconds: 0,
  observedSeconds: 0,
  bytes: 0,
});

/**
 * Notes an answer that was right.
 * @param evidence - what was known before; stays as it is
 * @param answer - `nowMs` since 1970; `responseTimeMs` until the answer; `bytes` of verified content, 0 when absent
 */
export function recordSuccess(
  evidence: PeerEvidence,
  answer: { readonly nowMs: number; readonly responseTimeMs: number; readonly bytes?: number },
): PeerEvidence {
  const measured = atLeastZero(answer.responseTimeMs);
  const before = evidence.responseTimeMs;
  return {
    ...evidence,
    successes: evidence.successes + 1,
    responseTimeMs: before === undefined ? measured : before + smoothing * (measured - before),
    lastSeen: answer.nowMs,
    bytes: evidence.bytes + atLeastZero(answer.bytes ?? 0),
  };
}

/** Notes a request that was not answered, or refused, or not answered in time. */
export function recordFailure(evidence: PeerEvidence): PeerEvidence {
  return { ...evidence, failures: evidence.failures + 1 };
}

/** Notes an answer that did not match what was signed. It does not count as having seen the peer. */
export function recordLie(evidence: PeerEvidence): PeerEvidence {
  return { ...evidence, lies: evidence.lies + 1 };
}

/**
 * Notes for how long a peer was watched and how much of that it was up.
 * @param observed - seconds; `upSeconds` is at most `observedSeconds`
 */
export function recordUptime(
  evidence: PeerEvidence,
  observed: { readonly upSeconds: number; readonly observedSeconds: number },
): PeerEvidence {
  const observedSeconds = atLeastZero(observed.observedSeconds);
  const upSeconds = Math.min(atLeastZero(observed.upSeconds), observedSeconds);
  return {
    ...evidence,
    upSeconds: evidence.upSeconds + upSeconds,
    observedSeconds: evidence.observedSeconds + observedSeconds,
  };
}

/**
 * The share of right answers: what `getPeerReputation` gives. Not a score: it knows neither doubt nor time.
 * @returns 0-1; 1 when nothing was asked yet
 */
export function plainSuccessRate({ successes, failures, lies }: PeerEvidence): number {
  const asked = atLeastZero(successes) + atLeastZero(failures) + atLeastZero(lies);
  return asked === 0 ? 1 : atLeastZero(successes) / asked;
}

/** A count or a duration as it has to be, also when what was stored is damaged. */
export function atLeastZero(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}
