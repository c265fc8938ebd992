import type { OperationStore } from "@ggen/p2p-types";

import { maxOperationsPerRequest } from "../wire/operation-messages.ts";
import type { PackedIds } from "./packed-ids.ts";
import type { WantedOperations } from "./wanted-operations.ts";

/** Picks what a session asks for next; what another session is fetching comes last. */
export class BatchPicker {
  readonly #needed: PackedIds;
  readonly #contested: readonly string[];
  readonly #wanted: WantedOperations;
  readonly #operations: OperationStore;
  #place = 0;
  #contestedPlace = 0;
  #elsewhere: string[] = [];
  #hasPutOff = false;

  /**
   * @param needed - what is missing here
   * @param contested - what is here, and of which the peer's copies are wanted as well
   */
  constructor(
    needed: PackedIds,
    contested: readonly string[],
    parts: { readonly wanted: WantedOperations; readonly operations: OperationStore },
  ) {
    this.#needed = needed;
    this.#contested = contested;
    this.#wanted = parts.wanted;
    this.#operations = parts.operations;
  }

  /** Whether something was left out that was given before and not taken. */
  get hasPutOff(): boolean {
    return this.#hasPutOff;
  }

  /**
   * The ids to ask for, claimed for this session.
   * @returns `elsewhere` when all that is left is being fetched by other sessions; undefined when nothing is left
   */
  next(): string[] | "elsewhere" | undefined {
    const batch: string[] = [];
    while (this.#place < this.#needed.count && batch.length < maxOperationsPerRequest) {
      const from = this.#place;
      this.#place = from + maxOperationsPerRequest - batch.length;
      for (const id of this.#needed.slice(from, this.#place)) this.#pick(id, batch);
    }
    if (batch.length > 0) return batch;
    if (this.#contestedPlace < this.#contested.length) {
      const from = this.#contestedPlace;
      this.#contestedPlace += maxOperationsPerRequest;
      return this.#contested.slice(from, this.#contestedPlace);
    }
    const left = this.#elsewhere;
    this.#elsewhere = [];
    for (const [place, id] of left.entries()) {
      if (batch.length === maxOperationsPerRequest) {
        this.#elsewhere.push(...left.slice(place));
        break;
      }
      if (!this.#operations.has(id)) this.#pick(id, batch);
    }
    if (batch.length > 0) return batch;
    return this.#elsewhere.length > 0 ? "elsewhere" : undefined;
  }

  #pick(id: string, batch: string[]): void {
    if (this.#wanted.isPutOff(id)) {
      this.#hasPutOff = true;
      return;
    }
    if (this.#wanted.claim(id)) batch.push(id);
    else this.#elsewhere.push(id);
  }
}
