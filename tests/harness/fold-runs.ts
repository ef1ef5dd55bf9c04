import type { Run } from "../../shared/journal/run.ts";
import { enterRuns } from "../../shared/replica/enter-runs.ts";
import { Ledger } from "../../shared/replica/ledger.ts";
import { type LoadedLedger, unfolded } from "../../shared/replica/loaded-ledger.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { jsSignatures, startMs } from "./organisation.ts";

/** Folds runs in the order given, one at a time, as they might arrive. */
export async function foldRuns(
  authority: readonly string[],
  runs: readonly Run[],
): Promise<StateSummary> {
  return summarise((await ledgerOf(authority, runs)).ledger);
}

export async function ledgerOf(
  authority: readonly string[],
  runs: readonly Run[],
): Promise<LoadedLedger> {
  const ledger = new Ledger(jsSignatures);
  for (const text of authority) {
    const added = await ledger.addAuthority(text);
    if (!added.ok) throw new Error(added.refusal);
  }
  ledger.refoldNeeded = false;
  const loaded = unfolded(createMemoryStore(), ledger, { documents: [], outbox: runs });
  for (const run of runs)
    await enterRuns(loaded, [{ run, document: "", at: 0 }], { verify: false, nowMs: startMs });
  return loaded;
}

/** The same order for the same seed. */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const list = [...items];
  let state = seed * 2654435761 + 1;
  for (let index = list.length - 1; index > 0; index--) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const other = state % (index + 1);
    [list[index], list[other]] = [list[other] as Item, list[index] as Item];
  }
  return list;
}
