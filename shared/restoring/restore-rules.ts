import type { KeptInBatch, KindRule } from "../journal/kind-rule.ts";
import {
  chainOf,
  type Operation,
  type OperationRef,
  refOf,
  splitRef,
} from "../journal/operation.ts";
import { readBody } from "../journal/read-body.ts";
import { type MemberBooks, writeField, writeListing } from "../members/members.ts";
import { storedValueAccount } from "../money/trial-balance.ts";
import { addToBalance, type ValueBooks } from "../stored-value/lots.ts";
import { totalFace } from "../stored-value/spend-fragments.ts";
import {
  changeByLot,
  creditRef,
  debtRef,
  faceOf,
  isCredit,
  type ValueLine,
} from "../stored-value/value-line.ts";
import {
  type DisputeSettled,
  disputeSettled,
  type MemberRestored,
  memberRestored,
  type RestoreClosed,
  type RestoreOpened,
  restoreClosed,
  restoreOpened,
} from "./restore-kinds.ts";
import { subjectOfRestore } from "./restore-subject.ts";

/** One return to a version: it counts as a whole from its closing operation on. */
export interface Restore {
  ref: OperationRef;
  atMs: number;
  opened: RestoreOpened;
  closed: boolean;
}

export interface RestoreBooks extends ValueBooks {
  members: MemberBooks["members"];
  fieldsChanged: MemberBooks["fieldsChanged"];
  restores: Map<OperationRef, Restore>;
  /** approvals that an opening in this chain has named: `chain proposal` */
  restoreApprovals: Set<string>;
}

type RestoreRule<Body> = KindRule<Body, RestoreBooks, ValueLine>;

export const restoreOpenedRule: RestoreRule<RestoreOpened> = {
  read: readBody(restoreOpened),
  needs: () => [],
  claims: () => [],
  // What was approved names the chain: of a second opening there everybody knows the first.
  fault: (operation, body, books) =>
    books.restoreApprovals.has(approvalOf(operation, body)) ? "already-done" : undefined,
  apply(operation, body, books) {
    const ref = refOf(operation);
    const atMs = operation.hlc[0];
    books.restores.set(ref, { ref, atMs, opened: body, closed: false });
    books.restoreApprovals.add(approvalOf(operation, body));
  },
  members: () => [],
};

export const memberRestoredRule: RestoreRule<MemberRestored> = {
  read: readBody(memberRestored),
  needs: ({ batch, member, fields, value }) => [
    ...new Set([
      batch,
      member,
      ...value.map(({ lot }) => lot),
      ...Object.values(fields).flatMap(({ from }) => from ?? []),
    ]),
  ],
  claims: () => [],
  batch: (body) => body.batch,
  faultOfForm: (operation, { value }) =>
    value.every((line) => isServersOwn(line, operation)) ? undefined : "unsound-line",
  fault(_operation, { batch, member, fields, value }, books) {
    if (!books.restores.get(batch)?.closed) return "batch-incomplete";
    const record = books.members.get(member);
    if (!record) return "not-a-member";
    const isWritten = ({ from }: { from?: OperationRef | undefined }) =>
      from === undefined || record.sealedByEdit.has(from);
    if (!Object.values(fields).every(isWritten)) return "not-a-value";
    const isOfMember = ({ lot, store }: ValueLine) => {
      const known = books.lots.get(lot);
      return known?.member === member && known.store === store;
    };
    return value.every(isOfMember) ? undefined : "not-a-lot";
  },
  apply(operation, { member, fields, listing, value }, books) {
    const record = books.members.get(member);
    if (!record) return;
    const ref = refOf(operation);
    const { hlc, staff } = operation;
    for (const [field, { cites, from }] of Object.entries(fields))
      writeField(record, field, { ref, hlc, staff, source: from }, cites);
    if (listing) writeListing(record, { ...listing, ref, hlc });
    books.fieldsChanged(member);
    applyValue(ref, member, value, books);
  },
  members: (body) => [body.member],
};

export const restoreClosedRule: RestoreRule<RestoreClosed> = {
  read: readBody(restoreClosed),
  needs: (body) => [body.batch],
  claims: () => [],
  closes: { batch: (body) => body.batch, isWhole: isWholeRestore },
  fault: (_operation, body, books) =>
    books.restores.has(body.batch) ? undefined : "not-its-batch",
  apply(_operation, body, books) {
    const restore = books.restores.get(body.batch);
    if (restore) restore.closed = true;
  },
  members: () => [],
};

const approvalOf = (operation: Operation, { proposal }: RestoreOpened): string =>
  `${chainOf(operation)} ${proposal}`;

/** Nothing changes but where a member's value lies: what was owed to the purse is there. */
export const disputeSettledRule: RestoreRule<DisputeSettled> = {
  read: readBody(disputeSettled),
  needs: ({ value }) => [...new Set(value.map(({ lot }) => lot))],
  claims: ({ value, debts }) => [...value, ...debts],
  faultOfForm(_operation, { value, debts }) {
    const settled = changeByLot(debts);
    const given = changeByLot(value);
    const isBalanced = [...settled].every(([lot, { principal, bonus }]) => {
      const debit = given.get(lot);
      return debit?.principal === principal && debit.bonus === bonus;
    });
    return isBalanced && settled.size === given.size ? undefined : "does-not-balance";
  },
  fault: () => undefined,
  apply: () => undefined,
  members: ({ value }, books) => [
    ...new Set(value.map(({ lot }) => books.lots.get(lot)?.member ?? "")),
  ],
};

/** Whether it is exactly what was approved, and for the first time. */
function isWholeRestore(
  { batch, operations }: RestoreClosed,
  kept: readonly KeptInBatch[],
  books: RestoreBooks,
): boolean {
  const restore = books.restores.get(batch);
  if (!restore || restore.closed || kept.length !== operations) return false;
  if (kept.some(({ operation }) => operation.kind !== "MemberRestored")) return false;
  const members = kept.map(({ body }) => body as MemberRestored);
  const { subject } = restore.opened;
  return subjectOfRestore(splitRef(batch).chain, restore.opened, members) === subject;
}

/** Value that nobody gave is made, and owed, in no purse but the server's. */
function isServersOwn(line: ValueLine, operation: Operation): boolean {
  const { principal, bonus, purse, term } = line;
  const isOneWay = (principal >= 0 && bonus >= 0) || (principal <= 0 && bonus <= 0);
  const isOwn = purse.startsWith(`${operation.device}@`) && term === operation.term;
  return isCredit(line) && isOneWay && faceOf(line) !== 0 && isOwn;
}

function applyValue(
  operation: OperationRef,
  member: OperationRef,
  lines: readonly ValueLine[],
  books: RestoreBooks,
): void {
  const sum = totalFace(lines);
  if (sum !== 0)
    books.accounts.post([
      { account: restoredAccount, amount: sum },
      { account: storedValueAccount, amount: -sum },
    ]);
  addToBalance(books, member, lines);
  lines.forEach(({ purse, lot, store, term, principal, bonus }, index) => {
    const place = { member, lot, purse, store, term };
    if (principal + bonus > 0)
      books.purses.addCredit({ ref: creditRef(operation, index), ...place, principal, bonus });
    else
      books.purses.addCredit({
        ref: debtRef(operation, index),
        ...place,
        principal: 0 - principal,
        bonus: 0 - bonus,
        isDebt: true,
      });
  });
}

/** What members are owed more, or less, since a version was gone back to. */
const restoredAccount = "restored-versions";
