import type { CopyAnswer } from "@ggen/p2p-behaviour";
import type { MirrorStatus, OperationId } from "@ggen/p2p-types";

import type { Replicas } from "../publish/replicas.ts";
import { Mirror, type MirrorParts } from "./mirror.ts";
import { ProviderRecords } from "./provider-records.ts";

/** What keeps packages available while a node runs. */
export interface Availability {
  /** Copies that are kept for others. */
  status(): MirrorStatus;
  /** Answers a peer that asks for a copy. */
  asked(operation: OperationId, peerId: string): CopyAnswer;
  /** The catalogue was compared with a peer's: there is something to look for, and somebody to ask. */
  onSynced(): void;
  /** Ends all of it. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Ties together, for a running node, the copies it keeps for others, the copies that others keep of its releases, and
 * what it says in the DHT. They are compared with what should be after the first sync and then every
 * `mirror.check_secs`, at a random moment around that, so that no two nodes keep step.
 */
export function startAvailability(parts: MirrorParts, replicas: Replicas): Availability {
  const { clock, config, logger, random } = parts;
  const records = new ProviderRecords(parts);
  const mirror = new Mirror(parts, {
    onKept: (release) => records.tell(release),
    onDropped: (cid) => void records.withdraw(cid).catch((error: unknown) => failed("withdrawing", error)),
  });
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let synced = false;

  function failed(doing: string, error: unknown): void {
    if (!stopping.signal.aborted) logger.log("warn", `${doing} failed`, { error: String(error) });
  }
  const checkOnce = async (): Promise<void> => {
    await mirror.check().catch((error: unknown) => failed("comparing the copies", error));
    await records.compare(mirror.releases()).catch((error: unknown) => failed("comparing provider records", error));
    await replicas.check(stopping.signal).catch((error: unknown) => failed("looking after replicas", error));
  };
  const check = (): Promise<void> => {
    running ??= checkOnce().finally(() => (running = undefined));
    return running;
  };
  const keepChecking = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(config.mirror.checkSecs * 1000 * (0.75 + random.number() / 2), stopping.signal);
      await check();
    }
  };
  keepChecking().catch((error: unknown) => failed("checking", error));

  return {
    status: () => mirror.status(),
    asked: (operation, peerId) => mirror.asked(operation, peerId),
    onSynced() {
      if (synced || stopping.signal.aborted) return;
      synced = true;
      void check();
    },
    async stop() {
      stopping.abort();
      await mirror.stop();
      await running;
    },
  };
}
