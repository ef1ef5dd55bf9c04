import {
  authorityDocument,
  type DocumentName,
  splitJournalName,
} from "../documents/document-name.ts";
import type { Signatures } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import { readSeal } from "../journal/seal.ts";
import { Ledger } from "./ledger.ts";
import { OperationPlaces, runsIn } from "./operation-places.ts";
import type { ReplicaStore } from "./ports.ts";

export interface LoadedLedger {
  ledger: Ledger;
  places: OperationPlaces;
  /** elements of a run whose seal has not come yet, by document */
  tails: Map<DocumentName, string[]>;
  /** runs that cannot be entered yet: something before them is missing */
  deferred: PlacedRun[];
  lengths: Map<DocumentName, number>;
}

export interface PlacedRun {
  run: Run;
  /** empty for an own run that no document holds yet */
  document: DocumentName;
  at: number;
}

const readMost = 4000;

/**
 * Folds what a store holds. What is on our own disk was checked when it came: chains are recomputed,
 * signatures are not.
 */
export async function loadLedger(
  store: ReplicaStore,
  documents: readonly { name: DocumentName; length: number }[],
  signatures: Signatures,
  nowMs: number,
): Promise<LoadedLedger> {
  const ledger = new Ledger(signatures);
  const loaded: LoadedLedger = {
    ledger,
    places: new OperationPlaces(),
    tails: new Map(),
    deferred: [],
    lengths: new Map(documents.map(({ name, length }) => [name, length])),
  };
  for (const text of await store.read(authorityDocument, 0, Number.MAX_SAFE_INTEGER)) {
    const added = await ledger.addAuthority(text);
    if (!added.ok) throw new Error(`the stored authority log does not check: ${added.refusal}`);
  }
  ledger.refoldNeeded = false;
  if (!ledger.authority) return loaded;
  for (const { name, length } of [...documents].sort(byMonth)) {
    if (name === authorityDocument) continue;
    for (let at = 0; at < length; ) {
      const elements = await store.read(name, at, readMost);
      if (elements.length === 0) break;
      await enterElements(loaded, name, at, elements, { verify: false, nowMs });
      at += elements.length;
    }
  }
  return loaded;
}

/** Enters the whole runs among new elements of a document; what does not follow yet is deferred. */
async function enterElements(
  loaded: LoadedLedger,
  name: DocumentName,
  from: number,
  elements: readonly string[],
  options: { verify: boolean; nowMs: number },
): Promise<void> {
  const { placed, tail } = cutRuns(loaded, name, from, elements);
  loaded.tails.set(name, tail);
  await enterRuns(loaded, placed, options);
}

export function cutRuns(
  loaded: LoadedLedger,
  name: DocumentName,
  from: number,
  elements: readonly string[],
): { placed: PlacedRun[]; tail: string[] } {
  const before = loaded.tails.get(name) ?? [];
  const all = [...before, ...elements];
  const { runs, whole } = runsIn(all, from - before.length);
  const placed = runs.map(({ run, at }) => ({ run, document: name, at }));
  return { placed, tail: all.slice(whole) };
}

/** Enters runs and then whatever had been waiting for them. */
export async function enterRuns(
  loaded: LoadedLedger,
  runs: readonly PlacedRun[],
  options: { verify: boolean; nowMs: number },
): Promise<void> {
  let queue = [...runs, ...loaded.deferred];
  loaded.deferred = [];
  for (let entered = true; entered && queue.length > 0; ) {
    entered = false;
    const answers = await loaded.ledger.checkAll(
      queue.map(({ run }) => run),
      options,
    );
    const later: PlacedRun[] = [];
    for (const [index, answer] of answers.entries()) {
      const placed = queue[index] as PlacedRun;
      if (!answer.ok) {
        if (isDeferrable(answer.refusal.code)) later.push(placed);
        continue;
      }
      loaded.ledger.enter(answer.value, options.nowMs);
      addPlace(loaded.places, placed);
      entered = true;
    }
    queue = later;
  }
  loaded.deferred = queue;
}

export const isDeferrable = (code: string): boolean => code === "gap" || code === "unknown-device";

function addPlace(places: OperationPlaces, { run, document, at }: PlacedRun): void {
  const seal = readSeal(run.seal);
  if (seal && document !== "")
    places.add(seal.chain, { first: seal.first, last: seal.last, document, at });
}

/** Terms and months in order, so that chains are met from their beginning. */
export function byMonth(a: { name: DocumentName }, b: { name: DocumentName }): number {
  const key = (name: DocumentName) => {
    const split = splitJournalName(name);
    return split ? `${String(split.term).padStart(9, "0")} ${split.month} ${split.store}` : "";
  };
  return key(a.name) < key(b.name) ? -1 : 1;
}
