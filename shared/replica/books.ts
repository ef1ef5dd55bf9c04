import type { ImportBatch, ImportBooks, OldPurchases } from "../imports/import-rules.ts";
import type { OperationRef } from "../journal/operation.ts";
import type { MemberRecord } from "../members/members.ts";
import { sumFen } from "../money/fen-sum.ts";
import { TrialBalance } from "../money/trial-balance.ts";
import type { Sale, SaleBooks, Visits } from "../sales/sale-rules.ts";
import type { Lot, MemberBalance } from "../stored-value/lots.ts";
import { Purses, type Succession } from "../stored-value/purses.ts";

/** The fold of all operations that count: members, lots, purses, sales, imports, accounts. */
export class Books implements SaleBooks, ImportBooks {
  readonly members = new Map<OperationRef, MemberRecord>();
  readonly lots = new Map<OperationRef, Lot>();
  readonly lotsByMember = new Map<OperationRef, OperationRef[]>();
  readonly balances = new Map<OperationRef, MemberBalance>();
  readonly sales = new Map<OperationRef, Sale>();
  readonly visitsByMember = new Map<OperationRef, Visits>();
  readonly imports = new Map<OperationRef, ImportBatch>();
  readonly batchesByUndo = new Map<OperationRef, OperationRef>();
  readonly oldPurchases = new Map<OperationRef, OldPurchases[]>();
  readonly accounts = new TrialBalance();
  readonly purses: Purses;
  /** members whose fields changed since somebody last asked */
  readonly changedMembers = new Set<OperationRef>();

  constructor(succession: Succession) {
    this.purses = new Purses(succession);
  }

  fieldsChanged(member: OperationRef): void {
    this.changedMembers.add(member);
  }

  batchOfUndo(undo: OperationRef): OperationRef | undefined {
    return this.batchesByUndo.get(undo);
  }
}

export const isUndone = (books: Books, batch: OperationRef | undefined): boolean =>
  batch !== undefined && (books.imports.get(batch)?.undoneBy.length ?? 0) > 0;

/**
 * Why a member of an undone import stays: it was used since, or value of it is not back yet.
 * A function of the set of operations, so that a late sale brings the member back everywhere.
 */
export function whyMemberStays(
  books: Books,
  record: MemberRecord,
): "not-undone" | "used-since" | "value-outstanding" | undefined {
  if (!isUndone(books, record.batch)) return "not-undone";
  if (wasUsed(books, record)) return "used-since";
  const lots = books.lotsByMember.get(record.id) ?? [];
  return lots.every((ref) => books.lots.get(ref)?.voidedBy !== undefined)
    ? undefined
    : "value-outstanding";
}

/** An undone import's member whom nobody used: not listed, not counted. */
export const isWithdrawn = (books: Books, record: MemberRecord): boolean =>
  whyMemberStays(books, record) === undefined;

function wasUsed(books: Books, record: MemberRecord): boolean {
  if (record.sealedByEdit.size > 1 || books.visitsByMember.has(record.id)) return true;
  const lots = books.lotsByMember.get(record.id) ?? [];
  return lots.some((ref) => books.lots.get(ref)?.batch !== record.batch);
}

/** Bought in the old system, undone imports left out. */
export function oldPurchasesOf(
  books: Books,
  member: OperationRef,
): { count: number; spentFen: number } {
  const counted = (books.oldPurchases.get(member) ?? []).filter(
    ({ batch }) => !isUndone(books, batch),
  );
  return {
    count: counted.reduce((sum, { count }) => sum + count, 0),
    spentFen: sumFen(counted.map(({ spentFen }) => spentFen)),
  };
}
