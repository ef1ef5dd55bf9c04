import { readEntry } from "../../shared/access/authority-entry.ts";
import { appendEntry } from "../../shared/access/authority-log.ts";
import { type AuthorityState, isKnownRecovery } from "../../shared/access/authority-state.ts";
import { compareLogs } from "../../shared/access/compare-logs.ts";
import { isRecoveryKeyOf } from "../../shared/access/open-next-term.ts";
import { type RecoveryKey, recoveryPublic } from "../../shared/access/recovery-key.ts";
import type { Signatures } from "../../shared/journal/ports.ts";

/** An authority log that checks, as somebody brought it. */
export interface OfferedLog {
  /** name of the source, or of the device */
  from: string;
  entries: readonly string[];
  state: AuthorityState;
}

/**
 * The log as far as its entries are here, wherever they stand and whatever is among them.
 * @returns undefined when not even its first entry is here
 */
export async function followLog(
  texts: readonly string[],
  recovery: RecoveryKey,
  signatures: Signatures,
): Promise<Omit<OfferedLog, "from"> | undefined> {
  const inOrder = [...new Set(texts)]
    .flatMap((text) => {
      const entry = readEntry(text);
      return entry ? [{ text, seq: entry.seq }] : [];
    })
    .sort((a, b) => a.seq - b.seq);
  const rest = inOrder.filter(({ seq }) => seq > 0);
  let best: Omit<OfferedLog, "from"> | undefined;
  for (const first of inOrder.filter(({ seq }) => seq === 0).slice(0, beginningsMost)) {
    const log = await followInOrder([first, ...rest], signatures);
    if (log && isKnownRecovery(log.state, recoveryPublic(recovery).sign)) return log;
    best ??= log;
  }
  return best;
}

/** Beginnings of other shops' logs that noise may hold, at most. */
const beginningsMost = 8;

async function followInOrder(
  inOrder: readonly { text: string }[],
  signatures: Signatures,
): Promise<Omit<OfferedLog, "from"> | undefined> {
  const entries: string[] = [];
  let state: AuthorityState | undefined;
  for (const { text } of inOrder) {
    const next = await appendEntry(state, text, signatures);
    if (!next.ok) continue;
    state = next.value;
    entries.push(text);
  }
  return state && { entries, state };
}

export interface ChosenLog {
  /** the one to go on from; undefined when none was signed by this card */
  log: OfferedLog | undefined;
  /** of the same shop, and saying what that one does not */
  parted: { log: OfferedLog; common: number }[];
  /** of another shop or card */
  foreign: OfferedLog[];
}

/**
 * The log that goes on from all others; where they part, the one that the card opened last, and where
 * nobody has decided the longer. What the others say besides is not lost: see `LostEntriesRecorded`.
 */
export function chooseLog(offered: readonly OfferedLog[], recovery: RecoveryKey): ChosenLog {
  const { sign } = recoveryPublic(recovery);
  // A log from before this card, or from after it, is of the same shop; which card counts the best says.
  const shops = new Set(
    offered.filter(({ state }) => isKnownRecovery(state, sign)).map(({ state }) => state.heads[0]),
  );
  const ours = offered.filter(({ state }) => shops.has(state.heads[0]));
  let best: OfferedLog | undefined;
  for (const other of ours) if (!best || isBetter(other, best, recovery)) best = other;
  const log = best && isRecoveryKeyOf(best.state, recovery) ? best : undefined;
  const isForeign = (other: OfferedLog) =>
    !log || !ours.includes(other) || compareLogs(log.state, other.state).standing === "foreign";
  const parted = offered.flatMap((other) => {
    if (!log || isForeign(other)) return [];
    const { standing, common } = compareLogs(log.state, other.state);
    return standing === "superseded" || standing === "diverged" ? [{ log: other, common }] : [];
  });
  return { log, parted, foreign: offered.filter(isForeign) };
}

function isBetter(other: OfferedLog, best: OfferedLog, recovery: RecoveryKey): boolean {
  const { standing } = compareLogs(best.state, other.state);
  if (standing !== "diverged") return standing === "longer" || standing === "superseding";
  const isOfCard = ({ state }: OfferedLog) => (isRecoveryKeyOf(state, recovery) ? 1 : 0);
  const order = isOfCard(other) - isOfCard(best);
  return order !== 0 ? order > 0 : other.entries.length > best.entries.length;
}
