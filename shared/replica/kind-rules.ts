import type { QuarantineReason } from "../access/judge.ts";
import {
  importClosedRule,
  importOpenedRule,
  importUndoneRule,
  purchasesImportedRule,
} from "../imports/import-rules.ts";
import type { KindRule } from "../journal/kind-rule.ts";
import type { Operation } from "../journal/operation.ts";
import { memberAddedRule, memberEditedRule } from "../members/member-rules.ts";
import {
  disputeSettledRule,
  memberRestoredRule,
  restoreClosedRule,
  restoreOpenedRule,
} from "../restoring/restore-rules.ts";
import { operationReversedRule, saleRecordedRule } from "../sales/sale-rules.ts";
import { isCredit, isSoundLine, type ValueLine } from "../stored-value/value-line.ts";
import {
  lotsVoidedRule,
  openingBalanceImportedRule,
  toppedUpRule,
  valueMovedRule,
} from "../stored-value/value-rules.ts";
import type { Books } from "./books.ts";

export type AnyRule = KindRule<unknown, Books, ValueLine>;

/** Every kind that this version counts. */
export const ruleByKind: Readonly<Record<string, AnyRule>> = {
  MemberAdded: memberAddedRule as unknown as AnyRule,
  MemberEdited: memberEditedRule as unknown as AnyRule,
  ToppedUp: toppedUpRule as unknown as AnyRule,
  OpeningBalanceImported: openingBalanceImportedRule as unknown as AnyRule,
  ValueMoved: valueMovedRule as unknown as AnyRule,
  LotsVoided: lotsVoidedRule as unknown as AnyRule,
  SaleRecorded: saleRecordedRule as unknown as AnyRule,
  OperationReversed: operationReversedRule as unknown as AnyRule,
  ImportOpened: importOpenedRule as unknown as AnyRule,
  PurchasesImported: purchasesImportedRule as unknown as AnyRule,
  ImportClosed: importClosedRule as unknown as AnyRule,
  ImportUndone: importUndoneRule as unknown as AnyRule,
  RestoreOpened: restoreOpenedRule as unknown as AnyRule,
  MemberRestored: memberRestoredRule as unknown as AnyRule,
  RestoreClosed: restoreClosedRule as unknown as AnyRule,
  DisputeSettled: disputeSettledRule as unknown as AnyRule,
};

/** Why an operation may not even claim: who reads nothing but it sees that it can never count. */
export function faultOfForm(
  rule: AnyRule,
  operation: Operation,
  { body, debits }: { body: unknown; debits: readonly ValueLine[] },
): string | undefined {
  if (!debits.every((line) => isSoundLine(line) && !isCredit(line))) return "unsound-line";
  if (new Set(debits.map((line) => line.credit)).size !== debits.length)
    return "credit-named-twice";
  return rule.faultOfForm?.(operation, body);
}

/** Quarantined only until an owner has answered what a recovery left behind. */
const liftable: ReadonlySet<string> = new Set<QuarantineReason>([
  "lost-rights",
  "rights-not-reinstated",
]);

/**
 * Why an operation can never count, by what is known of one that it needs and that does not count.
 * @param isForMember whether it takes that one for the operation that added a member
 */
export function faultOfNeed(
  { kind, standing, reason }: { kind: string; standing: string; reason: string },
  isForMember: boolean,
): string | undefined {
  // What a kind of a later version adds, nobody here knows.
  if (standing === "unknown-kind") return undefined;
  if (isForMember && kind !== "MemberAdded") return "not-a-member";
  return standing === "waiting" || liftable.has(reason) ? undefined : "builds-on-uncounted";
}
