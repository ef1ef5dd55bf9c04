import type { DocumentName } from "../documents/document-name.ts";
import type { AuthorityHead } from "../journal/operation.ts";
import type { Run } from "../journal/run.ts";
import { Branches } from "./branches.ts";
import type { Ledger } from "./ledger.ts";
import { LooseRuns } from "./loose-runs.ts";
import { OperationPlaces } from "./operation-places.ts";
import { OperationReader } from "./operation-reader.ts";
import type { ReplicaStore } from "./ports.ts";

/** What a replica holds, folded, and where each thing of it is stored. */
export interface LoadedLedger {
  ledger: Ledger;
  places: OperationPlaces;
  reader: OperationReader;
  loose: LooseRuns;
  branches: Branches;
  /** elements of a run whose seal has not come yet, by document */
  tails: Map<DocumentName, string[]>;
  /** runs that cannot be entered yet: something before them is missing */
  deferred: PlacedRun[];
  lengths: Map<DocumentName, number>;
  /** how many operations the state pages hold from which this went on, or which were made of it */
  keptOperations: number;
}

export interface PlacedRun {
  run: Run;
  /** empty for a loose run */
  document: DocumentName;
  at: number;
}

export interface HeldState {
  documents: readonly { name: DocumentName; length: number }[];
  /** loose runs */
  outbox: readonly Run[];
  /** lost entries of the authority log that are kept here and that the log does not know yet */
  aside?: ReadonlySet<AuthorityHead>;
}

/** Nothing of the journal is entered yet. */
export function unfolded(
  store: Pick<ReplicaStore, "read">,
  ledger: Ledger,
  { documents, outbox }: HeldState,
): LoadedLedger {
  const places = new OperationPlaces();
  const loose = new LooseRuns(outbox);
  return {
    ledger,
    places,
    reader: new OperationReader(store, places, loose),
    loose,
    branches: new Branches(),
    tails: new Map(),
    deferred: [],
    lengths: new Map(documents.map(({ name, length }) => [name, length])),
    keptOperations: 0,
  };
}

/** Operations that are entered. */
export const countOf = ({ ledger }: Pick<LoadedLedger, "ledger">): number =>
  ledger.authority ? [...ledger.heads().values()].reduce((sum, { next }) => sum + next, 0) : 0;
