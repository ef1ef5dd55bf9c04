import type { KindRule } from "../journal/kind-rule.ts";
import { type OperationRef, refOf } from "../journal/operation.ts";
import { readBody } from "../journal/read-body.ts";
import { FenSum } from "../money/fen-sum.ts";
import {
  type Posting,
  reversed,
  storedValueAccount,
  tenderAccount,
} from "../money/trial-balance.ts";
import { addToBalance, type ValueBooks } from "../stored-value/lots.ts";
import { totalFace } from "../stored-value/spend-fragments.ts";
import { returnedCreditRef, type ValueLine } from "../stored-value/value-line.ts";
import { Reversals } from "./reversals.ts";
import {
  type OperationReversed,
  operationReversed,
  type SaleRecorded,
  saleRecorded,
} from "./sale-kinds.ts";

/** What is kept of a sale so that it can be reversed exactly. */
export interface Sale {
  ref: OperationRef;
  member: OperationRef | undefined;
  payable: number;
  value: readonly ValueLine[];
  postings: readonly Posting[];
  /** the first reversal of a target counts, further ones change nothing */
  reversedBy: Reversals;
}

export class Visits {
  count = 0;
  spentFen = 0;
  lastMs = 0;
  #spent = new FenSum();

  add(count: number, fen: number, atMs: number): void {
    this.count += count;
    this.#spent.add(fen);
    this.spentFen = this.#spent.fen;
    this.lastMs = Math.max(this.lastMs, atMs);
  }

  parts(): readonly [count: number, spent: FenSum, lastMs: number] {
    return [this.count, this.#spent, this.lastMs];
  }

  static ofParts([count, spent, lastMs]: ReturnType<Visits["parts"]>): Visits {
    const visits = new Visits();
    visits.#spent = spent;
    visits.add(count, 0, lastMs);
    return visits;
  }
}

export interface SaleBooks extends ValueBooks {
  sales: Map<OperationRef, Sale>;
  visitsByMember: Map<OperationRef, Visits>;
}

type SaleRule<Body> = KindRule<Body, SaleBooks, ValueLine>;

export const saleRecordedRule: SaleRule<SaleRecorded> = {
  read: readBody(saleRecorded),
  needs: (body) => [
    ...(body.member === undefined ? [] : [body.member]),
    ...new Set(body.value.map((line) => line.lot)),
  ],
  claims: (body) => body.value,
  faultOfForm(_operation, body) {
    const payable = sum(body.items.map((item) => item.payable));
    if (body.items.some((item) => item.payable !== item.list - item.discount))
      return "discount-does-not-fit";
    if (sum(body.tenders.map(({ amount }) => amount)) !== payable) return "tenders-do-not-sum";
    const stored = sum(
      body.tenders.filter(({ tender }) => tender === "stored-value").map(({ amount }) => amount),
    );
    return stored + totalFace(body.value) === 0 ? undefined : "stored-value-does-not-fit";
  },
  fault(_operation, body, books) {
    // After a fork another operation may stand where somebody saw a member.
    if (body.member !== undefined && !books.members.has(body.member)) return "not-a-member";
    const others = body.value.some((line) => books.lots.get(line.lot)?.member !== body.member);
    return others ? "another-members-value" : undefined;
  },
  apply(operation, body, books) {
    const ref = refOf(operation);
    const payable = sum(body.items.map((item) => item.payable));
    const postings: Posting[] = [
      ...body.tenders.map(({ tender, amount }) => ({
        account: tender === "stored-value" ? storedValueAccount : tenderAccount(tender),
        amount,
      })),
      { account: "revenue", amount: payable === 0 ? 0 : -payable },
    ];
    books.accounts.post(postings);
    const { member, value } = body;
    books.sales.set(ref, { ref, member, payable, value, postings, reversedBy: new Reversals() });
    if (member === undefined) return;
    addToBalance(books, member, value);
    addVisit(books, member, 1, payable, operation.hlc[0]);
  },
  members: (body) => (body.member === undefined ? [] : [body.member]),
};

export const operationReversedRule: SaleRule<OperationReversed> = {
  read: readBody(operationReversed),
  needs: (body) => [body.target],
  claims: () => [],
  fault: (_operation, body, books) =>
    books.sales.has(body.target) ? undefined : "cannot-be-reversed",
  apply(operation, body, books) {
    const sale = books.sales.get(body.target);
    if (!sale) return;
    sale.reversedBy.add(refOf(operation));
    if (sale.reversedBy.length > 1) return;
    books.accounts.post(reversed(sale.postings));
    giveBack(sale, books);
    if (sale.member !== undefined) addVisit(books, sale.member, -1, -sale.payable, 0);
  },
  members(body, books) {
    const member = books.sales.get(body.target)?.member;
    return member === undefined ? [] : [member];
  },
};

/** Each part returns to the purse and lot that it came from. */
function giveBack(sale: Sale, books: SaleBooks): void {
  if (sale.member === undefined) return;
  const member = sale.member;
  const returned = sale.value.map((line) => ({
    ...line,
    principal: line.principal === 0 ? 0 : -line.principal,
    bonus: line.bonus === 0 ? 0 : -line.bonus,
  }));
  returned.forEach(({ purse, lot, store, term, principal, bonus }, index) => {
    const ref = returnedCreditRef(sale.ref, index);
    books.purses.addCredit({ ref, member, lot, purse, store, term, principal, bonus });
  });
  addToBalance(books, member, returned);
}

function addVisit(
  books: SaleBooks,
  member: OperationRef,
  count: number,
  fen: number,
  atMs: number,
): void {
  const visits = books.visitsByMember.get(member) ?? new Visits();
  visits.add(count, fen, atMs);
  books.visitsByMember.set(member, visits);
}

const sum = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => total + amount, 0);
