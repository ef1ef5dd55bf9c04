import type { AuthorityBody, AuthorityEntry, AuthorityKind } from "./authority-entry.ts";
import {
  type AuthorityState,
  type Device,
  roleAt,
  roleNow,
  type Staff,
} from "./authority-state.ts";
import { mayApprove } from "./permissions.ts";
import type { Approver, Proposal, ProposalStanding } from "./proposal.ts";
import { capRole } from "./roles.ts";

type ProposalKind = Extract<AuthorityKind, `Act${string}`>;
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
  const { untilMs = 0 } = approval;
  return nowMs < untilMs ? { is: "waiting-until", untilMs } : { is: "approved" };
}

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
  standingOf(state, proposal, 0).is === "waiting-for-person" &&
  staffOf(proposal.by) !== place.staff &&
  mayAct(state, place);

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
    return proposerOf(state, entry) ? undefined : "not-entitled";
  }
  if (!proposal) return "unknown-subject";
  const { withdrawnMs, doneMs, approval } = proposal;
  if (withdrawnMs !== undefined || doneMs !== undefined) return "already-used";
  if (entry.kind === "ActWithdrawn")
    return mayWithdraw(state, proposal, entry) ? undefined : "not-entitled";
  if (hasLapsed(state, proposal)) return "not-entitled";
  if (entry.kind === "ActApproved") {
    if (approval) return "already-used";
    return approverOf(state, proposal, entry) ? undefined : "not-entitled";
  }
  const isReady = approval && (approval.untilMs ?? 0) <= entry.at;
  return isReady && isSignedByServer(state, entry) ? undefined : "not-entitled";
}

/** Folds in an entry that was checked. */
export function foldProposal(state: AuthorityState, entry: ProposalEntry): void {
  const { seq, at: atMs } = entry;
  const { proposal: id } = entry.body;
  if (entry.kind === "ActProposed") {
    const by = proposerOf(state, entry);
    const { act, subject, text } = entry.body;
    const open = { approval: undefined, withdrawnMs: undefined, doneMs: undefined };
    if (by) state.proposals.set(id, { id, act, subject, text, seq, atMs, by, ...open });
    return;
  }
  const proposal = state.proposals.get(id);
  if (!proposal) return;
  if (entry.kind === "ActWithdrawn") proposal.withdrawnMs = atMs;
  else if (entry.kind === "ActDone") proposal.doneMs = atMs;
  else {
    const by = approverOf(state, proposal, entry);
    const untilMs = by === "recovery" ? entry.body.until : undefined;
    if (by) proposal.approval = { by, seq, atMs, untilMs };
  }
}

/** One entitled person and nobody else's name, or the server alone. */
function proposerOf(state: AuthorityState, entry: AuthorityEntry): Approver | undefined {
  const people = peopleWhoSigned(state, entry);
  const [first] = people;
  if (new Set(people.map(staffOf)).size > 1) return undefined;
  return first ?? (isSignedByServer(state, entry) ? "server" : undefined);
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
function hasLapsed(state: AuthorityState, { seq, by, approval }: Proposal): boolean {
  if (seq < state.openedSeq) return true;
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

function peopleWhoSigned(
  state: AuthorityState,
  { sigs }: Pick<AuthorityEntry, "sigs">,
): { staff: string; key: string }[] {
  return sigs.flatMap(({ by, key }) => {
    if (!by.startsWith("staff:")) return [];
    const staff = by.slice("staff:".length);
    return isEntitled(state, state.staff.get(staff), key) ? [{ staff, key }] : [];
  });
}

/** By the role of today, capped by the device that holds the key; a closed device's key is nobody's. */
function isEntitled(state: AuthorityState, person: Staff | undefined, key: string): boolean {
  const role = roleNow(person);
  if (!person || role === undefined || !person.keys.includes(key)) return false;
  const holders = holdersOf(state, person, key);
  // A key of the founding that no device was enrolled with has no ceiling.
  const ceiling = holders.length === 0 ? role : holders.find(({ closed }) => !closed)?.ceiling;
  return ceiling !== undefined && mayApprove(capRole(role, ceiling));
}

function isHeldBy(
  state: AuthorityState,
  person: Staff | undefined,
  key: string,
  device: string,
): boolean {
  const holders = person ? holdersOf(state, person, key) : [];
  return holders.length === 0 || holders.some(({ id, closed }) => id === device && !closed);
}

/** The founder's first key stands in entry 0; the device that holds it was enrolled without one. */
const holdersOf = ({ devices }: AuthorityState, { id, keys }: Staff, key: string): Device[] =>
  [...devices.values()].filter(
    ({ staff, staffKey }) =>
      staff === id && (staffKey === undefined ? key === keys[0] : staffKey === key),
  );

const staffOf = (by: Approver): string | undefined =>
  typeof by === "object" ? by.staff : undefined;

function isSignedByServer(state: AuthorityState, { sigs }: Pick<AuthorityEntry, "sigs">): boolean {
  const key = state.devices.get(state.server)?.key;
  return sigs.some((sig) => sig.by === `device:${state.server}` && sig.key === key);
}

const isSignedByCard = (
  { recovery }: AuthorityState,
  { sigs }: Pick<AuthorityEntry, "sigs">,
): boolean => sigs.some((sig) => sig.by === "recovery" && sig.key === recovery.sign);
