import type { KindRule } from "../journal/kind-rule.ts";
import { chainOf, type Operation, type OperationRef, refOf } from "../journal/operation.ts";
import { readBody } from "../journal/read-body.ts";
import {
  type Posting,
  reversed,
  storedValueAccount,
  tenderAccount,
} from "../money/trial-balance.ts";
import { addToBalance, openLot, type ValueBooks } from "./lots.ts";
import {
  type LotsVoided,
  lotsVoided,
  type OpeningBalanceImported,
  openingBalanceImported,
  type ToppedUp,
  toppedUp,
  type ValueMoved,
  valueMoved,
} from "./value-kinds.ts";
import { creditRef, faceOf, isCredit, isSoundLine, type ValueLine } from "./value-line.ts";

type ValueRule<Body> = KindRule<Body, ValueBooks, ValueLine>;

export const toppedUpRule: ValueRule<ToppedUp> = {
  read: readBody(toppedUp),
  needs: (body) => [body.member],
  claims: () => [],
  fault(operation, body) {
    const paid = body.tenders.reduce((sum, { amount }) => sum + amount, 0);
    if (paid !== body.principal) return "tenders-do-not-sum";
    return faultOfNewLot(operation, body);
  },
  apply(operation, body, books) {
    const postings: Posting[] = [
      ...body.tenders.map(({ tender, amount }) => ({ account: tenderAccount(tender), amount })),
      { account: "bonus-granted", amount: body.bonus },
      { account: storedValueAccount, amount: -(body.principal + body.bonus) },
    ];
    applyNewLot(operation, body, books, postings);
  },
  members: (body) => [body.member],
};

export const openingBalanceImportedRule: ValueRule<OpeningBalanceImported> = {
  read: readBody(openingBalanceImported),
  needs: (body) => [body.member],
  claims: () => [],
  batch: (body) => body.batch,
  fault: (operation, body) => faultOfNewLot(operation, body),
  apply(operation, body, books) {
    const face = body.principal + body.bonus;
    applyNewLot(operation, body, books, [
      { account: "opening-balance", amount: face },
      { account: storedValueAccount, amount: -face },
    ]);
  },
  members: (body) => [body.member],
};

/** The lot and its credit stand for the same money, in the purse of whoever took it. */
function faultOfNewLot(
  operation: Operation,
  body: { principal: number; bonus: number; value: readonly [ValueLine] },
): string | undefined {
  const [line] = body.value;
  const fits =
    isCredit(line) &&
    isSoundLine(line) &&
    line.lot === refOf(operation) &&
    line.purse === chainOf(operation) &&
    line.store === operation.store &&
    line.term === operation.term &&
    line.principal === body.principal &&
    line.bonus === body.bonus;
  return fits ? undefined : "lot-and-purse-differ";
}

function applyNewLot(
  operation: Operation,
  body: {
    member: OperationRef;
    principal: number;
    bonus: number;
    value: readonly [ValueLine];
    batch?: OperationRef | undefined;
    note?: string | undefined;
  },
  books: ValueBooks,
  postings: readonly Posting[],
): void {
  const ref = refOf(operation);
  const { member, principal, bonus, batch, note } = body;
  const { store, hlc: at } = operation;
  openLot(books, {
    ref,
    member,
    store,
    at,
    principal,
    bonus,
    postings,
    batch,
    note,
    voidedBy: undefined,
  });
  books.accounts.post(postings);
  addCredits(operation, body.value, books);
  addToBalance(books, member, body.value);
}

export const valueMovedRule: ValueRule<ValueMoved> = {
  read: readBody(valueMoved),
  needs: (body) => lotsOf(body.value),
  claims: (body) => body.value.filter((line) => !isCredit(line)),
  fault(operation, body, books) {
    if (!body.value.every(isSoundLine)) return "unsound-line";
    const leftByLot = new Map<OperationRef, { principal: number; bonus: number }>();
    for (const line of body.value) {
      const lot = books.lots.get(line.lot);
      if (!lot || lot.store !== line.store) return "not-a-lot";
      if (isCredit(line) && line.term !== operation.term) return "other-term";
      const left = leftByLot.get(line.lot) ?? { principal: 0, bonus: 0 };
      left.principal += line.principal;
      left.bonus += line.bonus;
      leftByLot.set(line.lot, left);
    }
    const balanced = [...leftByLot.values()].every(
      ({ principal, bonus }) => principal === 0 && bonus === 0,
    );
    return balanced ? undefined : "does-not-balance";
  },
  apply(operation, body, books) {
    addCredits(operation, body.value, books);
  },
  members: (body, books) => [
    ...new Set(body.value.map((line) => books.lots.get(line.lot)?.member ?? "")),
  ],
};

export const lotsVoidedRule: ValueRule<LotsVoided> = {
  read: readBody(lotsVoided),
  needs: (body) => [...lotsOf(body.value), ...(body.undo === undefined ? [] : [body.undo])],
  claims: (body) => body.value,
  fault(operation, body, books) {
    if (!body.value.every((line) => isSoundLine(line) && !isCredit(line))) return "unsound-line";
    if (operation.staff === "" && body.undo === undefined) return "not-permitted";
    const batch = body.undo === undefined ? undefined : books.batchOfUndo(body.undo);
    for (const ref of lotsOf(body.value)) {
      const lot = books.lots.get(ref);
      if (!lot) return "not-a-lot";
      if (body.undo !== undefined && lot.batch !== batch) return "other-batch";
      const taken = body.value.filter((line) => line.lot === ref);
      const principal = taken.reduce((sum, line) => sum + line.principal, 0);
      const bonus = taken.reduce((sum, line) => sum + line.bonus, 0);
      if (lot.principal + principal !== 0 || lot.bonus + bonus !== 0) return "not-the-whole-lot";
    }
    return undefined;
  },
  apply(operation, body, books) {
    for (const ref of lotsOf(body.value)) {
      const lot = books.lots.get(ref);
      if (!lot) continue;
      lot.voidedBy = refOf(operation);
      books.accounts.post(reversed(lot.postings));
      const taken = body.value.filter((line) => line.lot === ref);
      addToBalance(books, lot.member, taken);
    }
  },
  members: (body, books) => [
    ...new Set(body.value.map((line) => books.lots.get(line.lot)?.member ?? "")),
  ],
};

const lotsOf = (lines: readonly ValueLine[]): OperationRef[] => [
  ...new Set(lines.map((line) => line.lot)),
];

/** A credit is named by the line that made it. */
function addCredits(operation: Operation, lines: readonly ValueLine[], books: ValueBooks): void {
  lines.forEach((line, index) => {
    const lot = books.lots.get(line.lot);
    if (!isCredit(line) || !lot || faceOf(line) === 0) return;
    const { purse, store, term, principal, bonus } = line;
    const ref = creditRef(refOf(operation), index);
    const { member } = lot;
    books.purses.addCredit({ ref, member, lot: lot.ref, purse, store, term, principal, bonus });
  });
}
