import type { HistoryEntry } from "../../shared/replica/member-history.ts";
import type { DoneDeed } from "./done.ts";

/** A sale or top-up from the ledger, to be looked at, printed or undone again. */
export function deedOf(entry: HistoryEntry, staff: string): DoneDeed {
  const change = entry.principal + entry.bonus;
  const after = entry.balanceAfter;
  const touched = change !== 0 && after !== undefined;
  return {
    ref: entry.ref,
    kind: entry.kind === "ToppedUp" ? "top-up" : "sale",
    member: entry.member,
    amountFen: entry.amount,
    bonusFen: entry.kind === "ToppedUp" ? entry.bonus : 0,
    tenders: entry.tenders,
    beforeFen: touched ? after - change : undefined,
    afterFen: touched ? after : undefined,
    note: entry.note,
    atMs: entry.atMs,
    staff,
    isOld: true,
    isUndone: entry.reversedBy !== undefined,
  };
}
