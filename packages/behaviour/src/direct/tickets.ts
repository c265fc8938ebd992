import { type Clock, type RandomSource, sha256, toHex } from "@ggen/p2p-types";

import { limits } from "../limits/limits.ts";
import { directTokenBytes } from "../wire/direct-messages.ts";

interface Entry {
  readonly peerId: string;
  readonly expiresMs: number;
}

/** The tickets that are out: each is good once, for a while, for the peer that asked for it. */
export class Tickets {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  /** By the hash of their tokens, so that how long a look-up takes tells nothing of them; oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Makes a ticket. A peer's oldest goes when it has too many, and the oldest of all when there are too many. */
  issue(peerId: string): Uint8Array {
    this.#expire();
    const own = [...this.#entries].filter(([, entry]) => entry.peerId === peerId);
    const [ownOldest] = own[0] ?? [];
    if (own.length >= limits.directTicketsPeer && ownOldest !== undefined) this.#entries.delete(ownOldest);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= limits.directTickets && oldest !== undefined) this.#entries.delete(oldest);
    const token = this.#random.bytes(directTokenBytes);
    this.#entries.set(keyOf(toHex(token)), { peerId, expiresMs: this.#clock.monotonic() + limits.directTicketMs });
    return token;
  }

  /** Takes a ticket back. @param token - in hexadecimal @returns whose it was; undefined when it is not, or no more, good */
  redeem(token: string): string | undefined {
    this.#expire();
    const key = keyOf(token);
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    return entry?.peerId;
  }

  #expire(): void {
    const nowMs = this.#clock.monotonic();
    for (const [key, { expiresMs }] of this.#entries) {
      if (expiresMs > nowMs) break;
      this.#entries.delete(key);
    }
  }
}

function keyOf(token: string): string {
  return toHex(sha256(new TextEncoder().encode(token)));
}
