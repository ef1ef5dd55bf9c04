import type { DocumentName } from "../documents/document-name.ts";
import type { Signatures } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import { readSeal } from "../journal/seal.ts";
import { isSealedByItsDevice } from "./branches.ts";
import { cutRuns, enterRuns } from "./enter-runs.ts";
import { isHeldElsewhere } from "./held-elsewhere.ts";
import type { LoadedLedger } from "./loaded-ledger.ts";
import type { ReplicaStore } from "./ports.ts";
import type { ReceiveOutcome } from "./replica.ts";
import { wronglyCounted } from "./which-branch-counts.ts";

export interface ReceivingDeps {
  store: ReplicaStore;
  signatures: Signatures;
  nowMs: number;
  loaded: LoadedLedger;
}

/** `refold` asks for everything to be folded again: a run stands apart, or now counts, that did not. */
export type Received = { outcome: ReceiveOutcome; refold: boolean };

/** Checks, stores and enters what a document brought; nothing of it is kept when it does not check. */
export async function receiveElements(
  deps: ReceivingDeps,
  name: DocumentName,
  from: number,
  elements: readonly string[],
): Promise<Received> {
  const { store, loaded, nowMs } = deps;
  const { placed, tail } = cutRuns(loaded, name, from, elements);
  if (await isHeldElsewhere(loaded, name, placed))
    return { outcome: { ok: false, code: "elsewhere" }, refold: false };
  const fault = await whyNotKept(
    deps,
    placed.map(({ run }) => run),
  );
  // What the log does not know yet is on its way, on another socket.
  if (fault === "unknown-device" || fault === "authority-unknown")
    return { outcome: { ok: false, code: "gap", length: from }, refold: false };
  if (fault !== undefined)
    return { outcome: { ok: false, code: "forged", detail: fault }, refold: false };
  const { loose } = loaded;
  const arrived = placed.map(({ run }) => run.seal).filter((seal) => loose.has(seal));
  await store.commit({ append: [{ name, from, elements }], outboxRemove: arrived });
  loaded.lengths.set(name, from + elements.length);
  loaded.tails.set(name, tail);
  const apartBefore = loaded.branches.size;
  await enterRuns(loaded, placed, { verify: true, nowMs });
  for (const seal of arrived) loose.remove(seal);
  return { outcome: { ok: true }, refold: await mustRefold(loaded, apartBefore) };
}

/** What became of runs that no document brought. */
export interface LooseOutcome {
  /** operations that were new here, kept and entered or kept apart */
  taken: number;
  /** runs that do not check, with the reason of the first */
  refused: number;
  reason: string | undefined;
}

/**
 * Takes runs from a file, or those that we asked for; each is checked by itself, so one that is bad
 * keeps out no other. A run before which something is missing is kept and waits.
 */
export async function receiveLooseRuns(
  deps: ReceivingDeps,
  runs: readonly Run[],
): Promise<LooseOutcome & { refold: boolean }> {
  const { store, loaded, nowMs } = deps;
  const { ledger, loose, branches, reader } = loaded;
  const outcome: LooseOutcome = { taken: 0, refused: 0, reason: undefined };
  const fresh: Run[] = [];
  for (const run of runs) {
    const seal = readSeal(run.seal);
    if (!seal || !(await isSealedByItsDevice(run, ledger, deps.signatures))) {
      outcome.refused++;
      outcome.reason ??= seal ? "bad-seal" : "malformed";
      continue;
    }
    const isHere =
      loose.has(run.seal) ||
      branches.has(seal.head) ||
      (ledger.head(seal.chain).next > seal.last && (await reader.holds(run)));
    if (isHere) continue;
    fresh.push(run);
    outcome.taken += run.operations.length;
  }
  if (fresh.length === 0) return { ...outcome, refold: false };
  await store.commit({ outboxAdd: fresh });
  for (const run of fresh) loose.add(run);
  const apartBefore = branches.size;
  const placed = fresh.map((run) => ({ run, document: "", at: 0 }));
  await enterRuns(loaded, placed, { verify: true, nowMs });
  return { ...outcome, refold: await mustRefold(loaded, apartBefore) };
}

async function mustRefold(loaded: LoadedLedger, apartBefore: number): Promise<boolean> {
  return loaded.branches.size > apartBefore || (await wronglyCounted(loaded)).length > 0;
}

/** What does not follow, or contradicts, is believed only under the device's own seal. */
async function whyNotKept(
  { loaded: { ledger }, signatures }: ReceivingDeps,
  runs: readonly Run[],
): Promise<string | undefined> {
  const answers = await ledger.checkAll(runs, { verify: true });
  for (const [index, answer] of answers.entries()) {
    if (answer.ok) continue;
    const { code } = answer.refusal;
    if (code !== "fork" && code !== "gap") return code;
    if (!(await isSealedByItsDevice(runs[index] as Run, ledger, signatures))) return "bad-seal";
  }
  return undefined;
}
