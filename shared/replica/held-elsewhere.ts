import type { DocumentName } from "../documents/document-name.ts";
import { readSeal } from "../journal/seal.ts";
import type { LoadedLedger, PlacedRun } from "./loaded-ledger.ts";

/**
 * Whether one of the runs that a document brings stands in it already, at another place. A server writes
 * a run once: then its document is not the one that is here, though both have the same element where
 * they were compared.
 */
export async function isHeldElsewhere(
  { branches, deferred, places, reader }: LoadedLedger,
  name: DocumentName,
  placed: readonly PlacedRun[],
): Promise<boolean> {
  const waiting = new Set(
    deferred.filter(({ document }) => document === name).map(({ run }) => run.seal),
  );
  for (const { run } of placed) {
    const seal = readSeal(run.seal);
    if (!seal) continue;
    if (waiting.has(run.seal) || branches.get(seal.head)?.document === name) return true;
    const isThere = places.from(seal.chain, seal.first)?.document === name;
    if (isThere && (await reader.holds(run))) return true;
  }
  return false;
}
