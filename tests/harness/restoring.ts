import { planRestore, type RestoreWish } from "../../server/restoring/plan-restore.ts";
import {
  closeRestore,
  openRestore,
  restoreMembers,
} from "../../server/restoring/restore-drafts.ts";
import {
  type RestorePlan,
  type RestoreScope,
  subjectOf,
} from "../../server/restoring/restore-plan.ts";
import type { Run } from "../../shared/journal/run.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import { runsIn } from "../../shared/replica/operation-places.ts";
import { ledgerOf } from "./fold-runs.ts";
import type { TestOrganisation } from "./organisation.ts";
import { keyOf } from "./recovered.ts";

const server = keyOf("device:srv1");

/** What the server holds now, as a version of it: folded once more, and to be kept. */
export async function versionOf(organisation: TestOrganisation): Promise<Ledger> {
  return (await ledgerOf(organisation.authority, runsOf(organisation))).ledger;
}

export const runsOf = ({ documents }: TestOrganisation): Run[] =>
  [...documents.values()].flatMap((elements) => runsIn(elements, 0).runs.map(({ run }) => run));

export function planFor(
  organisation: TestOrganisation,
  version: Ledger,
  scope: RestoreScope = "all",
  change: Partial<RestoreWish> = {},
): RestorePlan {
  return planRestore(version.books, organisation.serverLedger, {
    snapshot: "20261123T020000000Z-abcdef",
    time: "2026-11-23T02:00:00.000Z",
    scope,
    reason: "店员改错了",
    store: "s1",
    read: () => undefined,
    ...change,
  });
}

/** Proposed by the server, approved by the owner, and used up; unless a step is left out. */
export async function approve(
  organisation: TestOrganisation,
  plan: RestorePlan,
  proposal = "p1",
  steps: readonly ("approved" | "done")[] = ["approved", "done"],
): Promise<void> {
  const body = { proposal, act: "restore-version", subject: subjectOf(plan), text: "x" } as const;
  await organisation.append({ kind: "ActProposed", body }, [server]);
  const approved = { kind: "ActApproved", body: { proposal } } as const;
  if (steps.includes("approved")) await organisation.append(approved, [keyOf("staff:boss")]);
  if (steps.includes("done"))
    await organisation.append({ kind: "ActDone", body: { proposal } }, [server]);
}

/** The drafts of a batch that the server writes next. */
export function draftsOf(
  { serverLedger }: TestOrganisation,
  plan: RestorePlan,
  proposal = "p1",
): { batch: string; drafts: Drafting[] } {
  const batch = `srv1@s1:${serverLedger.head("srv1@s1").next}`;
  const members = restoreMembers(plan.members, batch);
  return {
    batch,
    drafts: [openRestore(plan, proposal), ...members, closeRestore(plan, batch)],
  };
}

/** All of it, as the server does. */
export async function restore(
  organisation: TestOrganisation,
  plan: RestorePlan,
  proposal = "p1",
): Promise<string> {
  await approve(organisation, plan, proposal);
  const { batch, drafts } = draftsOf(organisation, plan, proposal);
  await organisation.serverWrites(drafts);
  return batch;
}
