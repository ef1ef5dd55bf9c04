import {
  authorityDocument,
  type DocumentName,
  splitJournalName,
} from "../documents/document-name.ts";
import { readSeal, type Seal } from "../journal/seal.ts";
import type { Result } from "../outcome/result.ts";
import type { CheckedRun, RunFault } from "./ledger.ts";
import type { HeldState, LoadedLedger, PlacedRun } from "./loaded-ledger.ts";
import { type RunPlace, runsIn } from "./operation-places.ts";
import type { ReplicaStore } from "./ports.ts";

const readMost = 4000;

export interface EnterOptions {
  verify: boolean;
  nowMs: number;
}

/** Enters what a store holds of documents; what does not follow yet is deferred. */
export async function enterStored(
  loaded: LoadedLedger,
  {
    store,
    documents,
    options,
    from = () => 0,
    arrived,
  }: {
    store: Pick<ReplicaStore, "read">;
    documents: HeldState["documents"];
    options: EnterOptions;
    /** how many elements of a document are entered already */
    from?: (name: DocumentName) => number;
    /** told of runs before they are entered */
    arrived?: (runs: readonly PlacedRun[]) => Promise<void>;
  },
): Promise<void> {
  for (const { name, length } of [...documents].sort(byMonth)) {
    if (name === authorityDocument) continue;
    for (let at = from(name); at < length; ) {
      const elements = await store.read(name, at, readMost);
      if (elements.length === 0) break;
      const { placed, tail } = cutRuns(loaded, name, at, elements);
      loaded.tails.set(name, tail);
      await arrived?.(placed);
      await enterRuns(loaded, placed, options);
      at += elements.length;
    }
  }
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

/**
 * Enters runs and then whatever had been waiting for them; a run that contradicts its chain stands
 * apart. The caller has verified forks that come from outside.
 */
export async function enterRuns(
  loaded: LoadedLedger,
  runs: readonly PlacedRun[],
  options: EnterOptions,
): Promise<void> {
  const { ledger } = loaded;
  let queue = [...runs, ...loaded.deferred];
  loaded.deferred = [];
  for (let moved = true; moved && queue.length > 0; ) {
    moved = false;
    const answers = await ledger.checkAll(
      queue.map(({ run }) => run),
      options,
    );
    const later: PlacedRun[] = [];
    for (const [index, answer] of answers.entries()) {
      const placed = queue[index] as PlacedRun;
      const outcome = await enterOne(loaded, placed, answer, options.nowMs);
      if (outcome === "later") later.push(placed);
      else moved = true;
    }
    queue = later;
  }
  loaded.deferred = queue;
}

async function enterOne(
  loaded: LoadedLedger,
  placed: PlacedRun,
  answer: Result<CheckedRun, RunFault>,
  nowMs: number,
): Promise<"entered" | "apart" | "later" | "dropped"> {
  const { ledger, reader, places } = loaded;
  const seal = readSeal(placed.run.seal);
  if (!seal) return "dropped";
  if (!answer.ok) {
    const { code } = answer.refusal;
    const isApart = code === "fork" || (code === "gap" && loaded.branches.has(seal.prev));
    if (!isApart) return isDeferrable(code) ? "later" : "dropped";
    setApart(loaded, placed, seal);
    return "apart";
  }
  const { operations, firstNew } = answer.value;
  if (operations.length > 0) {
    // What was checked on top of a run that then stood apart is looked at again.
    if (ledger.head(seal.chain).next !== firstNew) return "later";
    ledger.enter(answer.value, nowMs);
    places.add(seal.chain, placeOf(placed, seal));
    return "entered";
  }
  if (await reader.holds(placed.run)) places.arrived(seal.chain, placeOf(placed, seal));
  else setApart(loaded, placed, seal);
  return "entered";
}

function setApart(
  { branches, ledger }: LoadedLedger,
  { run, document, at }: PlacedRun,
  { chain, first, last, prev, head }: Seal,
): void {
  ledger.apart.add(head);
  branches.add({ chain, first, last, prev, head, document, at, seal: run.seal });
}

const isDeferrable = (code: string): boolean =>
  code === "gap" || code === "unknown-device" || code === "authority-unknown";

const placeOf = ({ run, document, at }: PlacedRun, { first, last }: Seal): RunPlace =>
  document === "" ? { first, last, document, at, seal: run.seal } : { first, last, document, at };

/** Terms and months in order, so that chains are met from their beginning. */
export function byMonth(a: { name: DocumentName }, b: { name: DocumentName }): number {
  const key = (name: DocumentName) => {
    const split = splitJournalName(name);
    return split ? `${String(split.term).padStart(9, "0")} ${split.month} ${split.store}` : "";
  };
  return key(a.name) < key(b.name) ? -1 : 1;
}
