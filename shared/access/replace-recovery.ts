import { hashText } from "../journal/bytes.ts";
import { canonicalJson } from "../journal/canonical-json.ts";
import type { AuthorityEntry } from "./authority-entry.ts";
import { type AuthorityState, isKnownRecovery } from "./authority-state.ts";
import { isByOwner, isSignedByCard } from "./entitled.ts";
import type { Approval, Proposal, RecoveryPublic } from "./proposal.ts";

/** How long it waits where no owner has a part in it, or nobody but one: time enough to be stopped. */
export const replaceWaitMs = 24 * 3_600_000;

/** What stands in a proposal to replace the card: it binds both halves of the new one. */
export const subjectOfReplacement = ({ sign, encrypt }: RecoveryPublic): string =>
  hashText(`youbei-recovery-v1\n${canonicalJson({ sign, encrypt })}`);

/**
 * A new card belongs to this act and to no other; it signs the proposal, so that nobody puts in force
 * what nobody has, and no card that was replaced comes back.
 */
export function faultOfReplacement(
  state: AuthorityState,
  entry: AuthorityEntry & { kind: "ActProposed" },
): "already-used" | "unknown-subject" | "not-entitled" | undefined {
  const { act, subject, recovery } = entry.body;
  if (act !== "replace-recovery-key") return recovery ? "unknown-subject" : undefined;
  if (!recovery || subject !== subjectOfReplacement(recovery)) return "unknown-subject";
  if (isKnownRecovery(state, recovery.sign)) return "already-used";
  return isSignedByCard({ recovery }, entry) ? undefined : "not-entitled";
}

/** With the owner the old card is enough; with a manager only where nobody else is there. */
export const mayCardReplace = (
  state: AuthorityState,
  { by }: Proposal,
  isAlone: boolean,
): boolean => typeof by === "object" && (isByOwner(state, by) || isAlone);

/** Without card and without another person: an owner, and a day in which it can be stopped. */
export const mayTimeReplace = (
  state: AuthorityState,
  { by }: Proposal,
  isAlone: boolean,
): boolean => isAlone && isByOwner(state, by);

/** @returns wall milliseconds from which on the approval counts, by the roles of today */
export function replacedUntilMs(
  state: AuthorityState,
  proposal: Proposal,
  approval: Approval,
): number {
  const isOwners = isAmongOwners(state, proposal);
  if (approval.by === "server")
    return isOwners ? (approval.untilMs ?? Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER;
  return isOwners ? 0 : approval.atMs + replaceWaitMs;
}

/** What the card had a part in, and what was to replace it, ends with it. */
export function isSpent({ recoveries }: AuthorityState, proposal: Proposal): boolean {
  const since = recoveries.at(-1)?.since ?? 0;
  const { act, by, seq, approval } = proposal;
  const isByCard =
    (by === "recovery" && seq < since) || (approval?.by === "recovery" && approval.seq < since);
  return isByCard || (act === "replace-recovery-key" && seq < since);
}

/** From here on the old card opens no term, enrols nobody and approves nothing. */
export function replaceRecovery(
  state: AuthorityState,
  { recovery, by, approval }: Proposal,
  since: number,
): void {
  if (!recovery) return;
  const byCard = by === "recovery" || approval?.by === "recovery";
  state.recovery = recovery;
  state.recoveries.push({ ...recovery, since, byCard });
}

/** Whether an owner has a part in it so far. */
export const isAmongOwners = (state: AuthorityState, { by, approval }: Proposal): boolean =>
  isByOwner(state, by) || isByOwner(state, approval?.by);
