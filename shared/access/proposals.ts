import type { AuthorityBody, AuthorityEntry, AuthorityKind } from "./authority-entry.ts";
import { type AuthorityState, roleAt } from "./authority-state.ts";
import {
  isEntitled,
  isHeldBy,
  isSignedByCard,
  isSignedByServer,
  peopleWhoSigned,
  staffOf,
} from "./entitled.ts";
import { mayApprove } from "./permissions.ts";
import type { Approval, Approver, Proposal, ProposalStanding } from "./proposal.ts";
import {
  faultOfReplacement,
  isSpent,
  mayCardReplace,
  mayTimeReplace,
  replacedUntilMs,
  replaceRecovery,
} from "./replace-recovery.ts";

type ProposalKind = Extract<AuthorityKind, `Act${string}` | "RecoveryKeyReplaced">;
type ProposalEntry = Extract<AuthorityEntry, { kind: ProposalKind }>;
type ProposalFault = "not-entitled" | "already-used" | "unknown-subject";

/** How long the card alone waits, during which anybody entitled can withdraw the act. */
export const cardWaitMs = 24 * 3_600_000;

/** How an act stands. Replicas only show it: whoever carries out asks by the server's clock. */
export function standingOf(
  state: AuthorityState,
  proposal: Proposal,
  nowMs: number,
): ProposalStanding {
  const { approval, withdrawnMs, doneMs } = proposal;
  if (doneMs !== undefined) return { is: "done" };
  if (withdrawnMs !== undefined) return { is: "withdrawn" };
  if (hasLapsed(state, proposal)) return { is: "lapsed" };
  if (!approval) return { is: "waiting-for-person" };
  const untilMs = countsFromMs(state, proposal, approval);
  return nowMs < untilMs ? { is: "waiting-until", untilMs } : { is: "approved" };
}

const countsFromMs = (state: AuthorityState, proposal: Proposal, approval: Approval): number =>
  proposal.act === "replace-recovery-key"
    ? replacedUntilMs(state, proposal, approval)
    : (approval.untilMs ?? 0);

/** Acts that are neither done nor withdrawn, the oldest first. */
export const openProposals = (state: AuthorityState): Proposal[] =>
  [...state.proposals.values()].filter(
    (proposal) => !["done", "withdrawn", "lapsed"].includes(standingOf(state, proposal, 0).is),
  );

/** Whether a person may propose and withdraw acts with the personal key that a device holds. */
export function mayAct(
  state: AuthorityState,
  { staff, device }: { staff: string | undefined; device: string },
): boolean {
  const person = state.staff.get(staff ?? "");
  return (person?.keys ?? []).some(
    (key) => isEntitled(state, person, key) && isHeldBy(state, person, key, device),
  );
}

/** Whether this person is one whose approval an act waits for. */
export const mayApproveAct = (
  state: AuthorityState,
  proposal: Proposal,
  place: { staff: string | undefined; device: string },
): boolean =>
  isOpenToApproval(proposal) &&
  !["lapsed", "withdrawn", "done"].includes(standingOf(state, proposal, 0).is) &&
  staffOf(proposal.by) !== place.staff &&
  mayAct(state, place);

/** What the server lets a day go by for, a person or the card may still approve. */
const isOpenToApproval = ({ act, approval }: Proposal): boolean =>
  approval === undefined || (act === "replace-recovery-key" && approval.by === "server");

/** Whether somebody other than the proposer is there to approve: the card is not asked then. */
export function needsCard(state: AuthorityState, { by }: Proposal): boolean {
  return ![...state.staff.values()].some(
    (person) =>
      person.id !== staffOf(by) && person.keys.some((key) => isEntitled(state, person, key)),
  );
}

/** Why an entry about an act may not be written. */
export function faultOfProposal(
  state: AuthorityState,
  entry: ProposalEntry,
): ProposalFault | undefined {
  const proposal = state.proposals.get(entry.body.proposal);
  if (entry.kind === "ActProposed") {
    if (proposal) return "already-used";
    if (!proposerOf(state, entry)) return "not-entitled";
    return faultOfReplacement(state, entry);
  }
  if (!proposal) return "unknown-subject";
  const { withdrawnMs, doneMs } = proposal;
  if (withdrawnMs !== undefined || doneMs !== undefined) return "already-used";
  if (entry.kind === "ActWithdrawn")
    return mayWithdraw(state, proposal, entry) ? undefined : "not-entitled";
  if (hasLapsed(state, proposal)) return "not-entitled";
  if (entry.kind === "ActApproved") return faultOfApproval(state, proposal, entry);
  if (entry.kind === "RecoveryKeyReplaced") {
    const { sign, encrypt } = entry.body.recovery;
    const { recovery } = proposal;
    if (recovery?.sign !== sign || recovery.encrypt !== encrypt) return "unknown-subject";
  } else if (proposal.act === "replace-recovery-key") return "unknown-subject";
  const isReady = standingOf(state, proposal, entry.at).is === "approved";
  return isReady && isSignedByServer(state, entry) ? undefined : "not-entitled";
}

function faultOfApproval(
  state: AuthorityState,
  proposal: Proposal,
  entry: ProposalEntry & { kind: "ActApproved" },
): ProposalFault | undefined {
  if (!isOpenToApproval(proposal)) return "already-used";
  const by = approverOf(state, proposal, entry);
  if (by === undefined) return "not-entitled";
  return proposal.approval && by === "server" ? "already-used" : undefined;
}

/** Folds in an entry that was checked. */
export function foldProposal(state: AuthorityState, entry: ProposalEntry): void {
  const { seq, at: atMs } = entry;
  const { proposal: id } = entry.body;
  if (entry.kind === "ActProposed") {
    const by = proposerOf(state, entry);
    const { act, subject, text, recovery } = entry.body;
    const open = { approval: undefined, withdrawnMs: undefined };
    const undone = { doneMs: undefined, doneSeq: undefined };
    const what = { id, act, subject, text, recovery };
    if (by) state.proposals.set(id, { ...what, seq, atMs, by, ...open, ...undone });
    return;
  }
  const proposal = state.proposals.get(id);
  if (!proposal) return;
  if (entry.kind === "ActWithdrawn") proposal.withdrawnMs = atMs;
  else if (entry.kind === "ActApproved") {
    const by = approverOf(state, proposal, entry);
    const untilMs = typeof by === "string" ? entry.body.until : undefined;
    if (by) proposal.approval = { by, seq, atMs, untilMs };
  } else {
    if (entry.kind === "RecoveryKeyReplaced") replaceRecovery(state, proposal, seq);
    proposal.doneMs = atMs;
    proposal.doneSeq = seq;
  }
}

/** One entitled person and nobody else's name, or the server alone; the card, if it is to be replaced. */
function proposerOf(
  state: AuthorityState,
  entry: AuthorityEntry & { kind: "ActProposed" },
): Approver | undefined {
  const people = peopleWhoSigned(state, entry);
  const [first] = people;
  if (new Set(people.map(staffOf)).size > 1) return undefined;
  if (first) return first;
  if (entry.body.act === "replace-recovery-key")
    return isSignedByCard(state, entry) ? "recovery" : undefined;
  return isSignedByServer(state, entry) ? "server" : undefined;
}

/**
 * Somebody else than the proposer, on whatever device; or the card where nobody else is there. The card
 * signs together with the server, whose clock says from when the waiting time runs.
 */
function approverOf(
  state: AuthorityState,
  proposal: Proposal,
  entry: ProposalEntry & { kind: "ActApproved" },
): Approver | undefined {
  const { by } = proposal;
  const key = typeof by === "object" ? by.key : undefined;
  const person = peopleWhoSigned(state, entry).find(
    (one) => one.staff !== staffOf(by) && one.key !== key,
  );
  if (person) return person;
  const isStated = isLongEnough(entry.body, entry.at);
  if (proposal.act === "replace-recovery-key") {
    const isAlone = needsCard(state, proposal);
    if (isSignedByCard(state, entry) && mayCardReplace(state, proposal, isAlone)) return "recovery";
    const isByServer = isStated && isSignedByServer(state, entry);
    return isByServer && mayTimeReplace(state, proposal, isAlone) ? "server" : undefined;
  }
  // The server proposed by the same clock: it went back if it is earlier now.
  const isAfter = by !== "server" || entry.at >= proposal.atMs;
  const isAllowed = by === "server" || needsCard(state, proposal);
  const isByCard = isSignedByCard(state, entry) && isSignedByServer(state, entry);
  return isByCard && isStated && isAfter && isAllowed ? "recovery" : undefined;
}

const isLongEnough = ({ until }: AuthorityBody<"ActApproved">, atMs: number): boolean =>
  until !== undefined && until - atMs >= cardWaitMs;

function mayWithdraw(state: AuthorityState, { by }: Proposal, entry: AuthorityEntry): boolean {
  if (peopleWhoSigned(state, entry).length > 0 || isSignedByCard(state, entry)) return true;
  return by === "server" && isSignedByServer(state, entry);
}

/** A server that was recovered knows what was approved, but not whether it was done. */
function hasLapsed(state: AuthorityState, proposal: Proposal): boolean {
  const { seq, by, approval } = proposal;
  if (seq < state.openedSeq || isSpent(state, proposal)) return true;
  if (!isStillEntitled(state, by, seq)) return true;
  return approval !== undefined && !isStillEntitled(state, approval.by, approval.seq);
}

/** Without a break since then: who lost the role and got it again signs again. */
function isStillEntitled(state: AuthorityState, by: Approver, sinceSeq: number): boolean {
  if (typeof by === "string") return true;
  const person = state.staff.get(by.staff);
  if (!person || !isEntitled(state, person, by.key)) return false;
  const later = person.roles.filter(({ since }) => since > sinceSeq);
  const roles = [
    roleAt(person, sinceSeq),
    ...later.map(({ role, active }) => (active ? role : undefined)),
  ];
  return roles.every((role) => role !== undefined && mayApprove(role));
}
