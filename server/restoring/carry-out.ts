import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { Proposal, ProposalStanding } from "../../shared/access/proposal.ts";
import { standingOf } from "../../shared/access/proposals.ts";
import { type OperationRef, refOf, storeOfChain } from "../../shared/journal/operation.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import type { RestoredMember } from "../../shared/restoring/restore-subject.ts";
import type { Relay } from "../relay/relay.ts";
import { type PlanPlace, readPlan } from "./kept-plans.ts";
import { closeRestore, openRestore, restoreMembers } from "./restore-drafts.ts";
import { type RestorePlan, subjectOf } from "./restore-plan.ts";
import { affectedBy, type Disturbance, disturbancesOf, disturbedBy } from "./what-disturbs.ts";

export interface CarryOutDeps extends PlanPlace {
  relay: Relay;
  nowMs: number;
  /** Takes a version of what is there now. @returns whether there is one */
  versionBefore(plan: RestorePlan): Promise<boolean>;
  /** members in one run at most */
  membersAtOnce?: number;
  /** writes that the approval is used up */
  use(proposal: string): Promise<Result<unknown, string>>;
}

export type CarryOutRefusal =
  | { code: "no-such-proposal" }
  | { code: "not-approved"; standing: ProposalStanding["is"] }
  /** the list that was approved is not kept here */
  | { code: "plan-missing" }
  /** the list that is kept is not the one that was approved */
  | { code: "plan-changed" }
  /** the same was taken back meanwhile in another way; nothing was used up */
  | { code: "outdated"; disturbances: Disturbance[] }
  | { code: "no-version" }
  | { code: "not-used"; why: string }
  /** the approval is used up and nothing counts */
  | { code: "broken-off"; why: string };

export interface CarriedOut {
  batch: OperationRef;
  plan: RestorePlan;
}

/**
 * Does what was approved, exactly that: a version of what is there now first, then the approval is used
 * up, then the batch. Killed anywhere, the batch counts as a whole or not at all.
 */
export async function carryOut(
  deps: CarryOutDeps,
  id: string,
): Promise<Result<CarriedOut, CarryOutRefusal>> {
  const { relay } = deps;
  const approved = approvedIn(relay.ledger.log, id, deps.nowMs);
  if (!approved.ok) return approved;
  const plan = await readPlan(deps, id);
  if (!plan) return refuse({ code: "plan-missing" });
  if (!isWhatWasApproved(plan, approved.value)) return refuse({ code: "plan-changed" });
  const watch = watchFor(plan, relay);
  try {
    const disturbances = await disturbancesOf(plan, relay);
    if (disturbances.length > 0) return refuse({ code: "outdated", disturbances });
    if (!(await deps.versionBefore(plan))) return refuse({ code: "no-version" });
    if (watch.seen.length > 0) return refuse({ code: "outdated", disturbances: watch.seen });
    const used = await deps.use(id);
    if (!used.ok) return refuse({ code: "not-used", why: used.refusal });
    const written = await writeBatch(deps, plan, id, watch);
    return written.ok ? done({ batch: written.value, plan }) : written;
  } finally {
    watch.end();
  }
}

function approvedIn(
  authority: AuthorityState,
  id: string,
  nowMs: number,
): Result<Proposal, CarryOutRefusal> {
  const proposal = authority.proposals.get(id);
  if (proposal?.act !== "restore-version") return refuse({ code: "no-such-proposal" });
  const { is } = standingOf(authority, proposal, nowMs);
  return is === "approved" ? done(proposal) : refuse({ code: "not-approved", standing: is });
}

function isWhatWasApproved(plan: RestorePlan, { subject }: Proposal): boolean {
  try {
    return subjectOf(plan) === subject;
  } catch {
    return false;
  }
}

interface Watch {
  /** of our own, once it is begun */
  batch: OperationRef;
  seen: Disturbance[];
  end(): void;
}

/** What disturbs the plan and comes in from now on. */
function watchFor(plan: RestorePlan, relay: Relay): Watch {
  const affected = affectedBy(plan);
  const watch: Watch = { batch: "", seen: [], end: () => undefined };
  watch.end = relay.listen({
    entered(runs) {
      const { ledger } = relay;
      for (const operation of runs.flatMap(({ operations }) => operations)) {
        const { kind, body } = operation;
        if (watch.batch !== "" && body["batch"] === watch.batch) continue;
        const found = disturbedBy(operation, { plan, affected, ledger });
        if (found) watch.seen.push(found);
        // Whom another batch concerned counted only now.
        else if (kind === "RestoreClosed")
          watch.seen.push({ kind, ref: refOf(operation), member: "" });
      }
    },
  });
  return watch;
}

/** Well below the size of a run. */
const draftsMost = 300;
const lengthMost = 250_000;

async function writeBatch(
  { relay, membersAtOnce = draftsMost }: CarryOutDeps,
  plan: RestorePlan,
  proposal: string,
  watch: Watch,
): Promise<Result<OperationRef, CarryOutRefusal>> {
  const author = { store: storeOfChain(plan.chain), staff: "" };
  const parts = partsOf(plan.members, membersAtOnce);
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? [];
    const recorded = await relay.record(author, (): Drafting[] => {
      const isFirst = at === 0;
      const isLast = at === parts.length - 1;
      if (isLast && watch.seen.length > 0) return [];
      if (isFirst) watch.batch = `${plan.chain}:${relay.ledger.head(plan.chain).next}`;
      return [
        ...(isFirst ? [openRestore(plan, proposal)] : []),
        ...restoreMembers(part, watch.batch),
        ...(isLast ? [closeRestore(plan, watch.batch)] : []),
      ];
    });
    if (!recorded.ok) return refuse({ code: "broken-off", why: recorded.refusal });
    if (!recorded.value) return refuse({ code: "broken-off", why: "outdated" });
  }
  const isCounted = relay.ledger.books.restores.get(watch.batch)?.closed === true;
  return isCounted ? done(watch.batch) : refuse({ code: "broken-off", why: "not-counted" });
}

function partsOf(members: readonly RestoredMember[], most: number): RestoredMember[][] {
  const parts: RestoredMember[][] = [[]];
  let length = 0;
  for (const member of members) {
    const more = JSON.stringify(member).length + 400;
    const last = parts[parts.length - 1] as RestoredMember[];
    if (last.length > 0 && (last.length >= most || length + more > lengthMost)) {
      parts.push([member]);
      length = more;
    } else {
      last.push(member);
      length += more;
    }
  }
  return parts;
}
