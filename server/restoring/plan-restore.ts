import { purseFor } from "../../shared/access/authority-state.ts";
import type { OperationRef } from "../../shared/journal/operation.ts";
import type { Listing, MemberRecord } from "../../shared/members/members.ts";
import type { Books } from "../../shared/replica/books.ts";
import { isWithdrawn, seenOf } from "../../shared/replica/books.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import type { RestoredMember } from "../../shared/restoring/restore-subject.ts";
import type { ValueLine } from "../../shared/stored-value/value-line.ts";
import { headsHash, type RestorePlan, type RestoreScope } from "./restore-plan.ts";

export interface RestoreWish {
  snapshot: string;
  /** when it was taken, UTC */
  time: string;
  scope: RestoreScope;
  reason: string;
  /** store in whose chain of this server it is to stand */
  store: string;
  /** what an operation wrote into a member's field; undefined where it cannot be read */
  read(member: OperationRef, from: OperationRef | undefined, field: string): string | undefined;
}

interface Sides {
  then: Books;
  now: Ledger;
  scope: RestoreScope;
}

/** With their credits well below an operation's size. */
const linesMax = 150;

/**
 * What has to be recorded so that everything in the scope is again as a version had it: fields, whether
 * a member is listed, and stored value lot by lot. Sales and takings are what happened, and stay.
 * @param then folded from the version alone
 * @param now what this server holds
 */
export function planRestore(then: Books, now: Ledger, wish: RestoreWish): RestorePlan {
  const { snapshot, time, scope, reason, store } = wish;
  const { log } = now;
  const heads = now.heads();
  const sides = { then, now, scope };
  const members: RestoredMember[] = [];
  for (const record of [...now.books.members.values()].sort(byId)) {
    const fields = isInScope(record, scope) ? fieldsOf(sides, record, wish) : {};
    const listing = isInScope(record, scope) ? listingOf(sides, record) : undefined;
    const value = linesOf(sides, record.id);
    const isSame = Object.keys(fields).length === 0 && !listing && value.length === 0;
    if (!isSame) members.push(...inParts({ member: record.id, fields, listing, value }));
  }
  return {
    chain: purseFor(log, log.server, store),
    facts: { snapshot, time, scope, reason, heads: headsHash(heads) },
    heads: Object.fromEntries(heads),
    authoritySeq: log.heads.length - 1,
    members,
  };
}

/** So that one operation is never too large; the parts of a member count together like all others. */
export function inParts(whole: RestoredMember): RestoredMember[] {
  const parts = [{ ...whole, value: whole.value.slice(0, linesMax) }];
  for (let at = linesMax; at < whole.value.length; at += linesMax)
    parts.push({ member: whole.member, fields: {}, value: whole.value.slice(at, at + linesMax) });
  return parts;
}

/** What makes a member listed, or not, from now on. */
export function listingFor(
  books: Books,
  record: MemberRecord,
  isHidden: boolean,
): RestoredMember["listing"] {
  const seen = seenOf(books, record);
  if (isHidden) return { is: "hidden", seen };
  const before = { ...record, listing: undefined };
  const is: Listing["is"] = isWithdrawn(books, before) ? "listed" : "as-before";
  return { is, seen };
}

const isInScope = ({ id, store }: MemberRecord, scope: RestoreScope): boolean =>
  scope === "all" || scope === `store:${store}` || scope === `member:${id}`;

/** By the seals under which the values lie: nothing need be readable here. */
function fieldsOf(
  { then, now }: Sides,
  record: MemberRecord,
  { read }: RestoreWish,
): RestoredMember["fields"] {
  const before = then.members.get(record.id);
  const fields: RestoredMember["fields"] = {};
  // Of who was not a member yet nothing is known to go back to.
  if (!before) return fields;
  for (const [field, history] of [...record.historyByField].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const heads = history.heads();
    const from = before.historyByField.get(field)?.heads()[0]?.source;
    const [shown] = heads;
    const value = read(record.id, from, field);
    const isSame =
      shown?.source === from ||
      (value !== undefined && value === read(record.id, shown?.source, field));
    if (heads.length === 1 && isSame) continue;
    const isThere = from === undefined || now.books.members.get(record.id)?.sealedByEdit.has(from);
    if (isThere) fields[field] = { cites: heads.slice(0, 64).map(({ ref }) => ref), from };
  }
  return fields;
}

function listingOf({ then, now }: Sides, record: MemberRecord): RestoredMember["listing"] {
  const before = then.members.get(record.id);
  const wasHidden = !before || isWithdrawn(then, before);
  const isHidden = record.listing?.is === "hidden" || isWithdrawn(now.books, record);
  return wasHidden === isHidden ? undefined : listingFor(now.books, record, wasHidden);
}

/** Lot by lot what the version had more or less than there is now, whatever purses it lies in. */
function linesOf({ then, now, scope }: Sides, member: OperationRef): ValueLine[] {
  const { books, log } = now;
  const left = leftByLot(books, member);
  const before = leftByLot(then, member);
  const lines: ValueLine[] = [];
  for (const lot of [...(books.lotsByMember.get(member) ?? [])].sort()) {
    const store = books.lots.get(lot)?.store ?? "";
    if (scope.startsWith("store:") ? scope !== `store:${store}` : !isOf(scope, member)) continue;
    const has = left.get(lot) ?? nothing;
    const had = before.get(lot) ?? nothing;
    const place = { purse: purseFor(log, log.server, store), lot, store, term: log.term };
    lines.push(...oneWayLines(place, had.principal - has.principal, had.bonus - has.bonus));
  }
  return lines;
}

const isOf = (scope: RestoreScope, member: OperationRef): boolean =>
  scope === "all" || scope === `member:${member}`;

const nothing = { principal: 0, bonus: 0 };

/** A line only gives or only takes. */
function oneWayLines(
  place: Omit<ValueLine, "principal" | "bonus" | "credit">,
  principal: number,
  bonus: number,
): ValueLine[] {
  const parts =
    principal > 0 === bonus > 0 || principal === 0 || bonus === 0
      ? [{ principal, bonus }]
      : [
          { principal, bonus: 0 },
          { principal: 0, bonus },
        ];
  return parts
    .filter((part) => part.principal !== 0 || part.bonus !== 0)
    .map((part) => ({ ...place, ...part }));
}

function leftByLot(
  books: Books,
  member: OperationRef,
): Map<OperationRef, { principal: number; bonus: number }> {
  const byLot = new Map<OperationRef, { principal: number; bonus: number }>();
  for (const { lot, leftPrincipal, leftBonus } of books.purses.allFragments(member)) {
    const sum = byLot.get(lot) ?? nothing;
    byLot.set(lot, { principal: sum.principal + leftPrincipal, bonus: sum.bonus + leftBonus });
  }
  return byLot;
}

const byId = (a: MemberRecord, b: MemberRecord): number => (a.id < b.id ? -1 : 1);
