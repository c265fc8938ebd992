import type { DatabaseSync } from "node:sqlite";

import type { OperationId } from "@ggen/p2p-types";

import type { MutableReconcileIndex } from "../reconcile/reconcile-index.ts";
import { ContestedForks } from "./contested-forks.ts";
import { NameTable } from "./name-table.ts";
import { OperationTable } from "./operation-table.ts";
import { PublisherStore } from "./publisher-store.ts";
import { PublisherTips } from "./publisher-tips.ts";
import { ReleaseLister } from "./release-lister.ts";
import { ReleaseTable } from "./release-table.ts";
import { SettingsTable } from "./settings-table.ts";

/** What a catalogue is made of: its tables, and what is kept at hand of them. */
export interface CatalogParts {
  readonly operations: OperationTable;
  readonly releases: ReleaseTable;
  readonly lister: ReleaseLister;
  readonly settings: SettingsTable;
  readonly contested: ContestedForks;
  readonly publishers: PublisherStore;
  readonly tips: PublisherTips;
  readonly index: () => MutableReconcileIndex;
  /** Makes the index be read anew. */
  readonly forgetIndex: () => void;
}

/**
 * Opens the parts of a catalogue.
 * @param db - of the newest schema
 * @param isLazy - whether the index is read only once it is asked for
 * @param onDamaged - told of an operation that is not the one of its id any more
 */
export function openParts(db: DatabaseSync, isLazy: boolean, onDamaged: (id: OperationId) => void): CatalogParts {
  const names = {
    publishers: new NameTable(db, "publishers"),
    packages: new NameTable(db, "packages"),
    terms: new NameTable(db, "terms"),
  };
  const operations = new OperationTable(db, names, onDamaged);
  const releases = new ReleaseTable(db, names);
  // A reader that never reconciles need not read every id.
  let index = isLazy ? undefined : operations.buildIndex();
  const settings = new SettingsTable(db);
  return {
    operations,
    releases,
    lister: new ReleaseLister(db, releases),
    settings,
    contested: new ContestedForks(settings),
    publishers: new PublisherStore(operations, releases),
    tips: new PublisherTips(),
    index: () => (index ??= operations.buildIndex()),
    forgetIndex: () => {
      index = undefined;
    },
  };
}
