import { authorityHead } from "../access/authority-state.ts";
import { authorityDocument } from "../documents/document-name.ts";
import { hashText } from "../journal/bytes.ts";
import type { Signatures } from "../journal/ports.ts";
import { enterRuns, enterStored } from "./enter-runs.ts";
import type { LoosePlace } from "./kept-ledger.ts";
import { type KeptState, readManifest, type StateManifest, takePages } from "./kept-state.ts";
import { Ledger } from "./ledger.ts";
import {
  countOf,
  type HeldState,
  type LoadedLedger,
  type PlacedRun,
  unfolded,
} from "./loaded-ledger.ts";
import type { ReplicaStore } from "./ports.ts";

interface StartDeps {
  store: Pick<ReplicaStore, "read">;
  held: HeldState;
  signatures: Signatures;
  nowMs: number;
}

/**
 * Goes on from state pages: only what came after them is read and folded.
 * @returns undefined where they are not there, damaged, of another program, or not of what the store
 * holds now: then everything is folded
 */
export async function loadKept(
  { store, held, signatures, nowMs }: StartDeps,
  kept: KeptState,
): Promise<LoadedLedger | undefined> {
  const manifest = await readManifest(kept);
  if (!manifest || !(await isOf(manifest, store, held))) return undefined;
  const ledger = new Ledger(signatures, new Set(manifest.avoid), held.aside);
  const texts = await store.read(authorityDocument, 0, Number.MAX_SAFE_INTEGER);
  const [entries, head] = manifest.authority;
  if (!(await addAll(ledger, texts.slice(0, entries)))) return undefined;
  if (!ledger.authority || authorityHead(ledger.log) !== head) return undefined;
  ledger.refoldNeeded = false;
  const loaded = unfolded(store, ledger, held);
  const loose = await takePages(loaded, kept, manifest);
  if (!loose || !(await addAll(ledger, texts.slice(entries)))) return undefined;
  if (ledger.refoldNeeded) return undefined;
  loaded.keptOperations = countOf(loaded);
  const waiting = new Map(loose.map((one) => [one.place.seal ?? "", one]));
  const enteredOf = new Map(manifest.documents.map(([name, length]) => [name, length]));
  const options = { verify: false, nowMs };
  await enterStored(loaded, {
    store,
    documents: held.documents,
    options,
    from: (name) => enteredOf.get(name) ?? 0,
    arrived: (runs) => settleLoose(loaded, waiting, runs),
  });
  const runs = loaded.loose.runs().map((run) => ({ run, document: "", at: 0 }));
  await enterRuns(loaded, runs, options);
  const isEverythingHere = [...waiting.keys()].every((seal) => loaded.loose.has(seal));
  return isEverythingHere && !ledger.refoldNeeded ? loaded : undefined;
}

/** Whether the store still begins with exactly what the pages were made of. */
async function isOf(
  { documents, aside }: StateManifest,
  store: Pick<ReplicaStore, "read">,
  held: HeldState,
): Promise<boolean> {
  const now = [...(held.aside ?? [])].sort();
  if (JSON.stringify(now) !== JSON.stringify([...aside].sort())) return false;
  const lengthOf = new Map(held.documents.map(({ name, length }) => [name, length]));
  for (const [name, length, hash] of documents) {
    if ((lengthOf.get(name) ?? 0) < length) return false;
    const [last] = await store.read(name, length - 1, 1);
    if (last === undefined || hashText(last) !== hash) return false;
  }
  return true;
}

/** @returns whether every entry checks */
async function addAll(ledger: Ledger, texts: readonly string[]): Promise<boolean> {
  for (const text of texts) if (!(await ledger.addAuthority(text)).ok) return false;
  return true;
}

/** Runs that were loose when the pages were written, and that a document has held since. */
async function settleLoose(
  { ledger, loose, places }: LoadedLedger,
  waiting: Map<string, LoosePlace>,
  runs: readonly PlacedRun[],
): Promise<void> {
  for (const { run, document, at } of runs) {
    const one = waiting.get(run.seal);
    if (!one || loose.has(run.seal) || !(await ledger.check(run, { verify: false })).ok) continue;
    const { first, last } = one.place;
    places.arrived(one.chain, { first, last, document, at });
    waiting.delete(run.seal);
  }
}
