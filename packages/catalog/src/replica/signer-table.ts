import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Operation } from "@ggen/p2p-types";

import { signerContext } from "../stored/stored-envelope.ts";

/** Signers that are kept at hand, about 300 bytes each. */
const maxSigners = 20_000;

/** Who signed an operation, and what is therefore in its envelope. */
export interface Signer {
  readonly signer: number;
  readonly publisher: number;
  readonly context: Uint8Array;
}

/** What is in all envelopes of a signing key, stored once. */
export class SignerTable {
  readonly #statements: Record<"find" | "insert", StatementSync>;
  /** By key; one that two publishers have is that of the last. */
  readonly #signers = new Map<string, Signer>();

  constructor(db: DatabaseSync) {
    this.#statements = {
      find: db.prepare("SELECT signer FROM signers WHERE publisher = ? AND context = ?"),
      insert: db.prepare("INSERT INTO signers (publisher, context) VALUES (?, ?)"),
    };
  }

  /**
   * The signer of an operation, who is stored when that was not done before.
   * @param publisher - its number
   * @returns undefined for an operation that rotation keys sign
   */
  findOrAdd(operation: Operation, publisher: number): Signer | undefined {
    if (!("key" in operation)) return undefined;
    const cached = this.#signers.get(operation.key);
    if (cached?.publisher === publisher) return cached;
    const context = signerContext(operation);
    if (context === undefined) return undefined;
    const row = this.#statements.find.get(publisher, context);
    const number = Number(row?.["signer"] ?? this.#statements.insert.run(publisher, context).lastInsertRowid);
    const signer = { signer: number, publisher, context };
    if (this.#signers.size >= maxSigners) this.#signers.clear();
    this.#signers.set(operation.key, signer);
    return signer;
  }

  /** Lets go of what is at hand, after a write was taken back. */
  forgetAll(): void {
    this.#signers.clear();
  }
}
