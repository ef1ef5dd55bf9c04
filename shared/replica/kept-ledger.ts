import type { DocumentName } from "../documents/document-name.ts";
import type { ChainId } from "../journal/operation.ts";
import { FieldHistory } from "../members/field-history.ts";
import { FenSum } from "../money/fen-sum.ts";
import { Reversals } from "../sales/reversals.ts";
import { Visits } from "../sales/sale-rules.ts";
import type { KeptClass } from "../state-pages/graph.ts";
import type { StateEntry } from "../state-pages/state-entry.ts";
import { MemberBalance } from "../stored-value/lots.ts";
import type { Branch } from "./branches.ts";
import type { LoadedLedger, PlacedRun } from "./loaded-ledger.ts";
import type { PlacesParts, RunPlace } from "./operation-places.ts";

/** Of which classes something stands in folded state. */
export const keptClasses: Readonly<Record<string, KeptClass>> = {
  FenSum,
  MemberBalance,
  FieldHistory,
  Visits,
  Reversals,
};

/** All that was folded of a store, entry by entry, apart from the authority log. */
export function* entriesOf(loaded: LoadedLedger): Generator<StateEntry> {
  const { ledger, places, branches, tails, deferred } = loaded;
  yield* ledger.entries();
  for (const some of places.entries()) yield ["places", some];
  for (const branch of branches.list()) yield ["branches", branch];
  for (const [name, tail] of tails) if (tail.length > 0) yield ["tails", [name, tail]];
  // A loose run comes again: from where it is loose, or from the document that holds it by then.
  for (const placed of deferred) if (placed.document !== "") yield ["deferred", placed];
}

/** A run that no document held when it was kept, and where it then stood in its chain. */
export interface LoosePlace {
  chain: ChainId;
  place: RunPlace;
}

/**
 * Takes kept entries into a ledger that has the authority log and nothing else.
 * @returns the places of runs that were loose; undefined when an entry is of a kind that nobody knows
 */
export function takeEntries(
  loaded: LoadedLedger,
  entries: Iterable<StateEntry>,
): LoosePlace[] | undefined {
  const loose: LoosePlace[] = [];
  for (const entry of entries) {
    const [section, value] = entry;
    if (section === "places") {
      const some = value as PlacesParts;
      for (const place of loaded.places.take(some)) loose.push({ chain: some[0], place });
    } else if (section === "branches") loaded.branches.add(value as Branch);
    else if (section === "tails") loaded.tails.set(...(value as [DocumentName, string[]]));
    else if (section === "deferred") loaded.deferred.push(value as PlacedRun);
    else if (!loaded.ledger.take(entry)) return undefined;
  }
  return loose;
}
