import type { OperationRef } from "../journal/operation.ts";
import type { Posting, TrialBalance } from "../money/trial-balance.ts";
import type { Timestamp } from "../time/hybrid-clock.ts";
import type { Purses } from "./purses.ts";
import { faceOf, type ValueLine } from "./value-line.ts";

/** One top-up (or imported balance): principal that was paid, bonus that was given. */
export interface Lot {
  ref: OperationRef;
  member: OperationRef;
  store: string;
  at: Timestamp;
  principal: number;
  bonus: number;
  /** what opening it posted; voiding posts the reverse */
  postings: readonly Posting[];
  batch: OperationRef | undefined;
  note: string | undefined;
  /** set when the whole lot was taken back */
  voidedBy: OperationRef | undefined;
}

export interface ValueBooks {
  lots: Map<OperationRef, Lot>;
  lotsByMember: Map<OperationRef, OperationRef[]>;
  purses: Purses;
  accounts: TrialBalance;
  /** face value of all purses together, by member */
  balances: Map<OperationRef, { principal: number; bonus: number }>;
  /** the import that an undo concerns */
  batchOfUndo(undo: OperationRef): OperationRef | undefined;
}

export function openLot(books: ValueBooks, lot: Lot): void {
  books.lots.set(lot.ref, lot);
  const known = books.lotsByMember.get(lot.member);
  if (known) known.push(lot.ref);
  else books.lotsByMember.set(lot.member, [lot.ref]);
}

/** Adds lines to the member's balance; fen of principal and of bonus apart. */
export function addToBalance(
  books: ValueBooks,
  member: OperationRef,
  lines: readonly ValueLine[],
): void {
  const balance = books.balances.get(member) ?? { principal: 0, bonus: 0 };
  books.balances.set(member, balance);
  for (const line of lines) {
    balance.principal += line.principal;
    balance.bonus += line.bonus;
  }
}

export const balanceFen = (books: ValueBooks, member: OperationRef): number => {
  const balance = books.balances.get(member);
  return balance ? faceOf(balance) : 0;
};
