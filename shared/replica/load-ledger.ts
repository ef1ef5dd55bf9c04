import { authorityDocument } from "../documents/document-name.ts";
import type { Signatures } from "../journal/ports.ts";
import { enterRuns, enterStored } from "./enter-runs.ts";
import type { KeptState } from "./kept-state.ts";
import { Ledger } from "./ledger.ts";
import { loadKept } from "./load-kept.ts";
import { type HeldState, type LoadedLedger, unfolded } from "./loaded-ledger.ts";
import type { ReplicaStore } from "./ports.ts";
import { wronglyCounted } from "./which-branch-counts.ts";

const roundsMost = 8;

/**
 * Folds what a store holds. What is on our own disk was checked when it came: chains are recomputed,
 * signatures are not. Where a device has two histories, the one that its cut names counts.
 * @param kept state that was folded before, to go on from
 */
export async function loadLedger(
  store: Pick<ReplicaStore, "read">,
  held: HeldState,
  signatures: Signatures,
  nowMs: number,
  kept?: KeptState,
): Promise<LoadedLedger> {
  const goingOn = kept && (await loadKept({ store, held, signatures, nowMs }, kept));
  if (goingOn && (await wronglyCounted(goingOn)).length === 0) return goingOn;
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
  await enterStored(loaded, { store, documents, options });
  await enterRuns(
    loaded,
    loose.runs().map((run) => ({ run, document: "", at: 0 })),
    options,
  );
  return loaded;
}
