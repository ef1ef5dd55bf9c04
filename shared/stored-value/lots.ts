import type { OperationRef } from "../journal/operation.ts";
import { FenSum } from "../money/fen-sum.ts";
import type { Posting, TrialBalance } from "../money/trial-balance.ts";
import type { Timestamp } from "../time/hybrid-clock.ts";
import type { Purses } from "./purses.ts";
import { faceOf } from "./value-line.ts";

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

/** Face value of all purses of a member together, fen; what is beyond a safe integer shows as it. */
export class MemberBalance {
  principal = 0;
  bonus = 0;
  #principal = new FenSum();
  #bonus = new FenSum();

  add({ principal, bonus }: { principal: number; bonus: number }): void {
    this.#principal.add(principal);
    this.#bonus.add(bonus);
    this.#show();
  }

  parts(): readonly [principal: FenSum, bonus: FenSum] {
    return [this.#principal, this.#bonus];
  }

  static ofParts([principal, bonus]: ReturnType<MemberBalance["parts"]>): MemberBalance {
    const balance = new MemberBalance();
    balance.#principal = principal;
    balance.#bonus = bonus;
    balance.#show();
    return balance;
  }

  #show(): void {
    this.principal = this.#principal.fen;
    this.bonus = this.#bonus.fen;
  }
}

export interface ValueBooks {
  /** references of operations that added a member, and count */
  readonly members: { has(member: OperationRef): boolean };
  lots: Map<OperationRef, Lot>;
  lotsByMember: Map<OperationRef, OperationRef[]>;
  purses: Purses;
  accounts: TrialBalance;
  balances: Map<OperationRef, MemberBalance>;
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
  lines: Iterable<{ principal: number; bonus: number }>,
): void {
  const balance = books.balances.get(member) ?? new MemberBalance();
  books.balances.set(member, balance);
  for (const line of lines) balance.add(line);
}

export const balanceFen = (books: ValueBooks, member: OperationRef): number => {
  const balance = books.balances.get(member);
  return balance ? faceOf(balance) : 0;
};
