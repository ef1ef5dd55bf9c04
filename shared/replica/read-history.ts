import type { PurchasesImported } from "../imports/import-kinds.ts";
import { type Operation, type OperationRef, refOf } from "../journal/operation.ts";
import type { MemberFields } from "../members/member-fields.ts";
import type { MemberEdited } from "../members/member-kinds.ts";
import type { MemberRestored } from "../restoring/restore-kinds.ts";
import type { SaleRecorded } from "../sales/sale-kinds.ts";
import { totalFace } from "../stored-value/spend-fragments.ts";
import type { ToppedUp } from "../stored-value/value-kinds.ts";
import type { ValueLine } from "../stored-value/value-line.ts";
import { compareTimestamps } from "../time/hybrid-clock.ts";
import type { Books } from "./books.ts";
import type { JournalFold } from "./fold-journal.ts";
import type { HistoryEntry } from "./member-history.ts";

export interface HistoryFacts {
  books: Books;
  fold: Pick<JournalFold, "exception">;
  /** sealed details of old purchases in plain; empty while the key is missing */
  open(member: OperationRef, sealed: string): MemberFields;
}

/** Operations as lines for people, newest first; `member` gives each line the balance after it. */
export function readHistory(
  operations: readonly Operation[],
  facts: HistoryFacts,
  member?: OperationRef,
): HistoryEntry[] {
  const inOrder = [...operations].sort(
    (a, b) => compareTimestamps(a.hlc, b.hlc) || (refOf(a) < refOf(b) ? -1 : 1),
  );
  let balance = 0;
  const entries = inOrder.map((operation) => {
    const entry = entryOf(operation, facts, member);
    if (entry.standing === "counted") balance += entry.principal + entry.bonus;
    return member === undefined ? entry : { ...entry, balanceAfter: balance };
  });
  return entries.reverse();
}

function entryOf(
  operation: Operation,
  facts: HistoryFacts,
  member: OperationRef | undefined,
): HistoryEntry {
  const { books, fold } = facts;
  const ref = refOf(operation);
  const exception = fold.exception(ref);
  const base: HistoryEntry = {
    ref,
    kind: operation.kind,
    atMs: operation.hlc[0],
    date: operation.date,
    device: operation.device,
    staff: operation.staff,
    store: operation.store,
    member: memberOf(operation, books) ?? member,
    standing: exception?.standing ?? "counted",
    reason: exception?.reason,
    principal: 0,
    bonus: 0,
    balanceAfter: undefined,
    amount: 0,
    tenders: [],
    items: [],
    note: "",
    fields: [],
    reversedBy: books.sales.get(ref)?.reversedBy.first ?? books.lots.get(ref)?.voidedBy,
    reverses: undefined,
    restored: undefined,
    old: [],
  };
  return { ...base, ...details(operation, facts, member) };
}

function details(
  operation: Operation,
  { books, open }: HistoryFacts,
  member: OperationRef | undefined,
): Partial<HistoryEntry> {
  switch (operation.kind) {
    case "ToppedUp":
    case "OpeningBalanceImported": {
      const body = operation.body as unknown as ToppedUp;
      const { principal, bonus } = body;
      return {
        principal,
        bonus,
        amount: principal,
        tenders: body.tenders ?? [],
        note: body.note ?? "",
      };
    }
    case "SaleRecorded": {
      const { items, tenders, value, note } = operation.body as unknown as SaleRecorded;
      const amount = items.reduce((sum, item) => sum + item.payable, 0);
      return { ...changeOf(value), amount, items, tenders, note: note ?? "" };
    }
    case "OperationReversed": {
      const { target, reason } = operation.body as { target: string; reason: string };
      const sale = books.sales.get(target);
      const first = sale?.reversedBy.first === refOf(operation);
      const change = changeOf(first ? (sale?.value ?? []) : []);
      return {
        principal: -change.principal || 0,
        bonus: -change.bonus || 0,
        amount: sale?.payable ?? 0,
        note: reason,
        reverses: target,
      };
    }
    case "LotsVoided": {
      const { value, reason } = operation.body as unknown as { value: ValueLine[]; reason: string };
      const own = value.filter((line) => ownerOf(line, books) === member || member === undefined);
      return { ...changeOf(own), amount: -totalFace(own), note: reason, reverses: own[0]?.lot };
    }
    case "MemberRestored":
      return restoredDetails(operation.body as unknown as MemberRestored, books);
    case "MemberEdited":
      return { fields: Object.keys((operation.body as unknown as MemberEdited).cites) };
    case "PurchasesImported": {
      const body = operation.body as unknown as PurchasesImported;
      const plain = open(body.member, body.sealed);
      const old = body.purchases.map(({ at, amount }, index) => ({
        at,
        amount,
        details: detailsOf(plain, index),
      }));
      return { old };
    }
    default:
      return {};
  }
}

function restoredDetails(
  { batch, fields, listing, value }: MemberRestored,
  books: Books,
): Partial<HistoryEntry> {
  const opened = books.restores.get(batch)?.opened;
  return {
    ...changeOf(value),
    fields: Object.keys(fields),
    note: opened?.reason ?? "",
    restored: opened && {
      toMs: Date.parse(opened.time),
      isUndoing: opened.undoes !== undefined,
      listing: listing && (listing.is === "hidden" ? "hidden" : "listed"),
    },
  };
}

function memberOf(operation: Operation, books: Books): OperationRef | undefined {
  const { member, target } = operation.body as { member?: string; target?: string };
  if (operation.kind === "MemberAdded") return refOf(operation);
  if (target !== undefined) return books.sales.get(target)?.member;
  if (operation.kind === "LotsVoided") {
    const [line] = (operation.body as unknown as { value: ValueLine[] }).value;
    return line && ownerOf(line, books);
  }
  return member;
}

const ownerOf = (line: ValueLine, books: Books): OperationRef | undefined =>
  books.lots.get(line.lot)?.member;

const changeOf = (lines: readonly ValueLine[]): { principal: number; bonus: number } => ({
  principal: lines.reduce((sum, line) => sum + line.principal, 0),
  bonus: lines.reduce((sum, line) => sum + line.bonus, 0),
});

function detailsOf(plain: MemberFields, index: number): Record<string, string> {
  const prefix = `${index}.`;
  const own = Object.entries(plain).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}
