import type { ChainHead } from "../journal/chain.ts";
import type { ChainId } from "../journal/operation.ts";
import type { Signatures } from "../journal/ports.ts";
import { type Checkpoint, type Regress, readCheckpoint, regressOf } from "./checkpoint.ts";
import type { StateSummary } from "./state-hash.ts";
import type { Missing } from "./witness.ts";

/**
 * What a device noticed of its server: `went-back`, it holds less than it once showed; `rewrote`, it
 * shows another history; `differs`, the same operations give it another state.
 */
export interface ServerFinding {
  kind: "went-back" | "rewrote" | "differs";
  /** when it was noticed first, wall milliseconds */
  sinceMs: number;
  regress: Regress | undefined;
  /** since then the server has again all that it had */
  isMended: boolean;
}

export interface WatchState {
  /** newest checkpoint, as signed; an older one while the server holds less than that */
  text: string | undefined;
  checkpoint: Checkpoint | undefined;
  finding: ServerFinding | undefined;
  /** how many operations of this device servers have signed to hold */
  ownNext: number;
}

/** What is here, to be compared with what the server says. */
export interface OwnState {
  nowMs: number;
  /** hash of a chain before a sequence, as far as it is here */
  hashAt(chain: ChainId, next: number): Promise<string | undefined>;
  head(chain: ChainId): ChainHead;
  authorityAt(seq: number): string | undefined;
  /** only asked when the heads are the same */
  summary(): StateSummary;
  isSameHeads(checkpoint: Checkpoint): boolean;
  /** a chain whose history is in dispute here, or our own, is no witness against the server */
  isDisputed(chain: ChainId): boolean;
}

/** Compares a checkpoint with the one that is remembered, and with what is here. */
export async function watchServer(
  before: WatchState,
  text: string,
  checkpoint: Checkpoint,
  own: OwnState,
): Promise<WatchState> {
  const regress = before.checkpoint && regressOf(before.checkpoint, checkpoint);
  if (regress && before.checkpoint) {
    const kind = regress.rewritten.length > 0 ? "rewrote" : "went-back";
    const sinceMs = before.finding?.isMended === false ? before.finding.sinceMs : own.nowMs;
    return { ...before, finding: { kind, sinceMs, regress, isMended: false } };
  }
  const kind = await contradiction(checkpoint, own);
  const known = before.finding;
  let finding = known;
  if (kind && (known?.kind !== kind || known.isMended))
    finding = { kind, sinceMs: own.nowMs, regress: undefined, isMended: false };
  if (!kind && known) finding = { ...known, isMended: true };
  return { ...before, text, checkpoint, finding };
}

/** What the server had once written and was given back. */
export interface Refilled {
  lost: Missing[];
  /** entries of the authority log */
  authority: number;
}

/** The server lacked what it had once written here: somebody put an older copy of it in its place. */
export function serverLacked(before: WatchState, lacked: Refilled, nowMs: number): WatchState {
  const open = before.finding?.isMended === false ? before.finding : undefined;
  if (open?.kind === "rewrote") return before;
  const regress: Regress = {
    lost: joined([...(open?.regress?.lost ?? []), ...lacked.lost]),
    rewritten: [],
    authority: Math.max(open?.regress?.authority ?? 0, lacked.authority),
    documents: [],
  };
  const sinceMs = open?.sinceMs ?? nowMs;
  return { ...before, finding: { kind: "went-back", sinceMs, regress, isMended: false } };
}

/** Stretches that overlap or touch become one. */
function joined(stretches: readonly Missing[]): Missing[] {
  const sorted = [...stretches].sort((a, b) =>
    a.chain === b.chain ? a.from - b.from : a.chain < b.chain ? -1 : 1,
  );
  const whole: Missing[] = [];
  for (const next of sorted) {
    const last = whole.at(-1);
    if (last?.chain === next.chain && next.from <= last.to + 1)
      whole[whole.length - 1] = { ...last, to: Math.max(last.to, next.to) };
    else whole.push(next);
  }
  return whole;
}

async function contradiction(
  checkpoint: Checkpoint,
  own: OwnState,
): Promise<"rewrote" | "differs" | undefined> {
  const [seq = ""] = checkpoint.authority.split(":");
  const entry = own.authorityAt(Number(seq));
  if (entry !== undefined && entry !== checkpoint.authority) return "rewrote";
  for (const [chain, next, hash] of checkpoint.heads) {
    const head = own.head(chain);
    if (head.next < next || next === 0 || own.isDisputed(chain)) continue;
    const here = head.next === next ? head.hash : await own.hashAt(chain, next);
    if (here !== undefined && here !== hash) return "rewrote";
  }
  if (!own.isSameHeads(checkpoint)) return undefined;
  const { hash, trialBalance, label } = own.summary();
  if (label.fold !== checkpoint.fold) return undefined;
  const isSameState = checkpoint.state === "" || checkpoint.state === hash;
  const isSameBalance = accountsOf(trialBalance) === accountsOf(checkpoint.trialBalance);
  return isSameState && isSameBalance ? undefined : "differs";
}

const accountsOf = (balance: Readonly<Record<string, number>>): string =>
  JSON.stringify(Object.entries(balance).sort(([a], [b]) => (a < b ? -1 : 1)));

const checkpointSetting = "checkpoint";
const findingSetting = "server-finding";
export const ownShownSetting = "own-shown";

/** To be kept with the books, so that a device remembers what it was once shown. */
export const watchSettings = ({
  text,
  finding,
  ownNext,
}: WatchState): Record<string, string | undefined> => ({
  [ownShownSetting]: ownNext > 0 ? String(ownNext) : undefined,
  [checkpointSetting]: text,
  [findingSetting]: finding && JSON.stringify(finding),
});

export async function readWatch(
  settings: Readonly<Record<string, string>>,
  keyOf: (server: string) => string | undefined,
  signatures: Signatures,
): Promise<WatchState> {
  const text = settings[checkpointSetting];
  const checkpoint = text === undefined ? undefined : await readCheckpoint(text, keyOf, signatures);
  const finding = settings[findingSetting];
  return {
    text: checkpoint && text,
    checkpoint,
    finding: finding === undefined ? undefined : (JSON.parse(finding) as ServerFinding),
    ownNext: Number(settings[ownShownSetting] ?? 0),
  };
}
