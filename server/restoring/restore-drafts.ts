import type { CanonicalValue } from "../../shared/journal/canonical-json.ts";
import type { OperationRef } from "../../shared/journal/operation.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import type { RestoredMember } from "../../shared/restoring/restore-subject.ts";
import { type RestorePlan, subjectOf } from "./restore-plan.ts";

type Body = { readonly [key: string]: CanonicalValue | undefined };

export const openRestore = (plan: RestorePlan, proposal: string): Drafting => {
  const body = { proposal, subject: subjectOf(plan), ...plan.facts };
  return () => ({ kind: "RestoreOpened", body });
};

export const restoreMembers = (
  members: readonly RestoredMember[],
  batch: OperationRef,
): Drafting[] =>
  members.map((member) => () => ({
    kind: "MemberRestored",
    body: { batch, ...member } as Body,
  }));

export const closeRestore =
  ({ members }: RestorePlan, batch: OperationRef): Drafting =>
  () => ({ kind: "RestoreClosed", body: { batch, operations: members.length } });
