import type { ImportBatch, ImportBooks, OldPurchases } from "../imports/import-rules.ts";
import type { OperationRef } from "../journal/operation.ts";
import type { Listing, MemberRecord } from "../members/members.ts";
import { type FenSum, sumFen } from "../money/fen-sum.ts";
import { TrialBalance } from "../money/trial-balance.ts";
import type { Restore, RestoreBooks } from "../restoring/restore-rules.ts";
import type { Sale, SaleBooks, Visits } from "../sales/sale-rules.ts";
import type { StateEntry } from "../state-pages/state-entry.ts";
import type { Lot, MemberBalance } from "../stored-value/lots.ts";
import { Purses, type Succession } from "../stored-value/purses.ts";

/** What of the books is kept as it is; the rest of them says itself what it keeps. */
const mapNames = [
  "members",
  "lots",
  "lotsByMember",
  "balances",
  "sales",
  "visitsByMember",
  "imports",
  "batchesByUndo",
  "oldPurchases",
  "restores",
] as const;

/** The fold of all operations that count: members, lots, purses, sales, imports, accounts. */
export class Books implements SaleBooks, ImportBooks, RestoreBooks {
  readonly members = new Map<OperationRef, MemberRecord>();
  readonly lots = new Map<OperationRef, Lot>();
  readonly lotsByMember = new Map<OperationRef, OperationRef[]>();
  readonly balances = new Map<OperationRef, MemberBalance>();
  readonly sales = new Map<OperationRef, Sale>();
  readonly visitsByMember = new Map<OperationRef, Visits>();
  readonly imports = new Map<OperationRef, ImportBatch>();
  readonly batchesByUndo = new Map<OperationRef, OperationRef>();
  readonly oldPurchases = new Map<OperationRef, OldPurchases[]>();
  readonly restores = new Map<OperationRef, Restore>();
  readonly restoreApprovals = new Set<string>();
  readonly accounts = new TrialBalance();
  readonly purses: Purses;
  /** members whose fields changed since somebody last asked */
  readonly changedMembers = new Set<OperationRef>();

  constructor(succession: Succession) {
    this.purses = new Purses(succession);
  }

  /** Everything that was folded, entry by entry. */
  *entries(): Generator<StateEntry> {
    for (const name of mapNames)
      for (const entry of this[name] as Map<OperationRef, unknown>) yield [name, entry];
    for (const approval of this.restoreApprovals) yield ["restoreApprovals", approval];
    for (const sum of this.accounts.sums()) yield ["accounts", sum];
    yield* this.purses.entries();
  }

  /** @returns false for an entry of somebody else */
  take(entry: StateEntry): boolean {
    const [section, value] = entry;
    const map = (mapNames as readonly string[]).includes(section)
      ? (this[section as (typeof mapNames)[number]] as Map<OperationRef, unknown>)
      : undefined;
    if (map) map.set(...(value as [OperationRef, unknown]));
    else if (section === "restoreApprovals") this.restoreApprovals.add(value as string);
    else if (section === "accounts") this.accounts.takeSum(...(value as [string, FenSum]));
    else return this.purses.take(entry);
    return true;
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

/** Not listed, not counted: an undone import's member, or one that going back to a version hides. */
export function isWithdrawn(books: Books, record: MemberRecord): boolean {
  const { listing } = record;
  if (listing?.is === "listed") return false;
  if (listing?.is === "hidden") return isAsSeen(books, record, listing.seen);
  return whyMemberStays(books, record) === undefined;
}

/** What there is of a member, to tell later whether he was used since. */
export const seenOf = (books: Books, record: MemberRecord): Listing["seen"] => ({
  visits: books.visitsByMember.get(record.id)?.count ?? 0,
  edits: record.sealedByEdit.size,
  lots: books.lotsByMember.get(record.id)?.length ?? 0,
});

/** A function of the set of operations: a sale that turns up late brings the member back everywhere. */
function isAsSeen(books: Books, record: MemberRecord, seen: Listing["seen"]): boolean {
  const now = seenOf(books, record);
  const { principal, bonus } = books.balances.get(record.id) ?? { principal: 0, bonus: 0 };
  const isUnused = now.visits === seen.visits && now.edits === seen.edits && now.lots === seen.lots;
  return isUnused && principal === 0 && bonus === 0;
}

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
