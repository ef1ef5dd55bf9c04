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
import {
  changeByLot,
  creditRef,
  faceOf,
  isCredit,
  isSoundLine,
  type ValueLine,
} from "./value-line.ts";

type ValueRule<Body> = KindRule<Body, ValueBooks, ValueLine>;

export const toppedUpRule: ValueRule<ToppedUp> = {
  read: readBody(toppedUp),
  needs: (body) => [body.member],
  claims: () => [],
  faultOfForm(operation, body) {
    const paid = body.tenders.reduce((sum, { amount }) => sum + amount, 0);
    if (paid !== body.principal) return "tenders-do-not-sum";
    return faultOfNewLot(operation, body);
  },
  fault: (_operation, body, books) => faultOfMember(body, books),
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
  faultOfForm: (operation, body) => faultOfNewLot(operation, body),
  fault: (_operation, body, books) => faultOfMember(body, books),
  apply(operation, body, books) {
    const face = body.principal + body.bonus;
    applyNewLot(operation, body, books, [
      { account: "opening-balance", amount: face },
      { account: storedValueAccount, amount: -face },
    ]);
  },
  members: (body) => [body.member],
};

/** After a fork another operation may stand where somebody saw a member. */
const faultOfMember = (body: { member: OperationRef }, books: ValueBooks): string | undefined =>
  books.members.has(body.member) ? undefined : "not-a-member";

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
  faultOfForm(operation, body) {
    if (!body.value.every(isSoundLine)) return "unsound-line";
    if (body.value.some((line) => isCredit(line) && line.term !== operation.term))
      return "other-term";
    const isBalanced = [...changeByLot(body.value).values()].every(
      ({ principal, bonus }) => principal === 0 && bonus === 0,
    );
    return isBalanced ? undefined : "does-not-balance";
  },
  fault: (_operation, body, books) =>
    body.value.every((line) => books.lots.get(line.lot)?.store === line.store)
      ? undefined
      : "not-a-lot",
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
  faultOfForm: (operation, body) =>
    operation.staff === "" && body.undo === undefined ? "not-permitted" : undefined,
  fault(_operation, body, books) {
    const batch = body.undo === undefined ? undefined : books.batchOfUndo(body.undo);
    for (const [ref, change] of changeByLot(body.value)) {
      const lot = books.lots.get(ref);
      if (!lot) return "not-a-lot";
      if (body.undo !== undefined && (batch === undefined || lot.batch !== batch))
        return "other-batch";
      if (lot.principal + change.principal !== 0 || lot.bonus + change.bonus !== 0)
        return "not-the-whole-lot";
    }
    return undefined;
  },
  apply(operation, body, books) {
    for (const [ref, change] of changeByLot(body.value)) {
      const lot = books.lots.get(ref);
      if (!lot) continue;
      lot.voidedBy = refOf(operation);
      books.accounts.post(reversed(lot.postings));
      addToBalance(books, lot.member, [change]);
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
