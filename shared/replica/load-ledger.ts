import {
  authorityDocument,
  type DocumentName,
  splitJournalName,
} from "../documents/document-name.ts";
import type { Signatures } from "../journal/ports.ts";
import { readSeal, type Seal } from "../journal/seal.ts";
import type { Result } from "../outcome/result.ts";
import { type CheckedRun, Ledger, type RunFault } from "./ledger.ts";
import { type HeldState, type LoadedLedger, type PlacedRun, unfolded } from "./loaded-ledger.ts";
import { type RunPlace, runsIn } from "./operation-places.ts";
import type { ReplicaStore } from "./ports.ts";
import { wronglyCounted } from "./which-branch-counts.ts";

interface LoadOptions {
  verify: boolean;
  nowMs: number;
}

const readMost = 4000;
const roundsMost = 8;

/**
 * Folds what a store holds. What is on our own disk was checked when it came: chains are recomputed,
 * signatures are not. Where a device has two histories, the one that its cut names counts.
 */
export async function loadLedger(
  store: Pick<ReplicaStore, "read">,
  held: HeldState,
  signatures: Signatures,
  nowMs: number,
): Promise<LoadedLedger> {
  const avoid = new Set<string>();
  for (let round = 0; ; round++) {
    const loaded = await foldStore(store, held, { signatures, nowMs, avoid });
    const wrong = await wronglyCounted(loaded);
    if (wrong.length === 0 || round === roundsMost) return loaded;
    for (const head of wrong) avoid.add(head);
  }
}

async function foldStore(
  store: Pick<ReplicaStore, "read">,
  { documents, outbox, aside }: HeldState,
  {
    signatures,
    nowMs,
    avoid,
  }: { signatures: Signatures; nowMs: number; avoid: ReadonlySet<string> },
): Promise<LoadedLedger> {
  const ledger = new Ledger(signatures, avoid, aside);
  const loaded = unfolded(store, ledger, { documents, outbox });
  const { loose } = loaded;
  for (const text of await store.read(authorityDocument, 0, Number.MAX_SAFE_INTEGER)) {
    const added = await ledger.addAuthority(text);
    if (!added.ok) throw new Error(`the stored authority log does not check: ${added.refusal}`);
  }
  ledger.refoldNeeded = false;
  if (!ledger.authority) return loaded;
  const options = { verify: false, nowMs };
  for (const { name, length } of [...documents].sort(byMonth)) {
    if (name === authorityDocument) continue;
    for (let at = 0; at < length; ) {
      const elements = await store.read(name, at, readMost);
      if (elements.length === 0) break;
      await enterElements(loaded, name, at, elements, options);
      at += elements.length;
    }
  }
  await enterRuns(
    loaded,
    loose.runs().map((run) => ({ run, document: "", at: 0 })),
    options,
  );
  return loaded;
}

/** Enters the whole runs among new elements of a document; what does not follow yet is deferred. */
async function enterElements(
  loaded: LoadedLedger,
  name: DocumentName,
  from: number,
  elements: readonly string[],
  options: LoadOptions,
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

/**
 * Enters runs and then whatever had been waiting for them; a run that contradicts its chain stands
 * apart. The caller has verified forks that come from outside.
 */
export async function enterRuns(
  loaded: LoadedLedger,
  runs: readonly PlacedRun[],
  options: LoadOptions,
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
