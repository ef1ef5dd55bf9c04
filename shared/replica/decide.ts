import { toBase64Url } from "../journal/bytes.ts";
import type { OperationRef } from "../journal/operation.ts";
import type { RandomSource } from "../journal/ports.ts";
import { checkNewMember, tidyFields } from "../members/decide-member.ts";
import {
  hashOfKey,
  type MemberFields,
  type MemberKey,
  newMemberKey,
  sealFields,
} from "../members/member-fields.ts";
import { type MemberId, sealContext } from "../members/member-kinds.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { balanceFen } from "../stored-value/lots.ts";
import type { Fragment } from "../stored-value/purses.ts";
import {
  heldBy,
  spendFragments,
  wholeLine,
  withoutDisputed,
} from "../stored-value/spend-fragments.ts";
import { amountFenMax, faceOf, type Purse } from "../stored-value/value-line.ts";
import type { Draft, Drafting } from "./author.ts";
import { type Books, isUndone } from "./books.ts";
import type { Command, Refusal } from "./commands.ts";

/** What a decision may look at. */
export interface Facts {
  org: string;
  books: Books;
  chain: Purse;
  random: RandomSource;
  keyOf(member: MemberId): MemberKey | undefined;
  fieldsOf(member: MemberId): MemberFields;
  memberByCard(card: string): MemberId | undefined;
}

export interface Decision {
  drafts: Drafting[];
  /** key of a new member, by the index of the draft that adds it */
  newKey?: { index: number; key: string };
}

/** A command → the operations that it becomes, or why it cannot be done. Changes nothing. */
export function decide(command: Command, facts: Facts): Result<Decision, Refusal> {
  switch (command.command) {
    case "AddMember":
      return decideAddMember(command.fields, facts);
    case "EditMember":
      return decideEditMember(command.member, command.fields, facts);
    case "TopUp":
      return decideTopUp(command, facts);
    case "RecordSale":
      return decideSale(command, facts);
    case "Reverse":
      return decideReverse(command.target, command.reason, facts);
    case "UndoImport":
      return decideUndoImport(command.batch, command.reason, facts);
  }
}

function decideAddMember(typed: MemberFields, facts: Facts): Result<Decision, Refusal> {
  const tidy = tidyFields(typed);
  if (!tidy.ok) return tidy;
  const fields = withoutEmpty(tidy.value);
  const checked = checkNewMember(fields);
  if (!checked.ok) return checked;
  const holder = fields["card"] ? facts.memberByCard(fields["card"]) : undefined;
  if (holder !== undefined) return refuse({ code: "card-taken", member: holder });
  const key = newMemberKey(facts.random);
  const drafting: Drafting = ({ ref }) => ({
    kind: "MemberAdded",
    body: {
      keyHash: hashOfKey(key),
      fields: Object.keys(fields).sort(),
      sealed: sealFields(key, sealContext(facts.org, ref), fields, facts.random),
    },
  });
  return done({ drafts: [drafting], newKey: { index: 0, key: toBase64Url(key) } });
}

function decideEditMember(
  member: MemberId,
  typed: MemberFields,
  facts: Facts,
): Result<Decision, Refusal> {
  const record = facts.books.members.get(member);
  if (!record) return refuse({ code: "member-unknown" });
  const key = facts.keyOf(member);
  if (!key) return refuse({ code: "member-key-missing" });
  const tidy = tidyFields(typed);
  if (!tidy.ok) return tidy;
  const before = facts.fieldsOf(member);
  const isOpen = (field: string) => (record.historyByField.get(field)?.heads().length ?? 0) > 1;
  const changed = Object.fromEntries(
    Object.entries(tidy.value).filter(
      ([field, value]) => (before[field] ?? "") !== value || isOpen(field),
    ),
  );
  if (Object.keys(changed).length === 0) return refuse({ code: "nothing-changed" });
  const checked = checkNewMember({ ...before, ...changed });
  if (!checked.ok) return checked;
  const holder = changed["card"] ? facts.memberByCard(changed["card"]) : undefined;
  if (holder !== undefined && holder !== member)
    return refuse({ code: "card-taken", member: holder });
  const cites = Object.fromEntries(
    Object.keys(changed).map((field) => [
      field,
      (record.historyByField.get(field)?.heads() ?? []).map(({ ref }) => ref),
    ]),
  );
  const sealed = sealFields(key, sealContext(facts.org, member), changed, facts.random);
  return recording({ kind: "MemberEdited", body: { member, cites, sealed } });
}

function decideTopUp(
  command: Command & { command: "TopUp" },
  { books, chain }: Facts,
): Result<Decision, Refusal> {
  const { member, principal, bonus, tenders, note } = command;
  if (!books.members.has(member)) return refuse({ code: "member-unknown" });
  const fault = faultOfAmount(principal) ?? (bonus === 0 ? undefined : faultOfAmount(bonus));
  if (fault) return refuse(fault);
  for (const { amount } of tenders) {
    const wrong = faultOfAmount(amount);
    if (wrong) return refuse(wrong);
  }
  const tendered = tenders.reduce((sum, { amount }) => sum + amount, 0);
  if (tendered !== principal)
    return refuse({ code: "tenders-do-not-sum", payable: principal, tendered });
  return done({
    drafts: [
      ({ ref, store, term }) => ({
        kind: "ToppedUp",
        body: {
          member,
          principal,
          bonus,
          tenders,
          value: [{ purse: chain, lot: ref, store, term, principal, bonus }],
          note: tidyNote(note),
        },
      }),
    ],
  });
}

function decideSale(
  command: Command & { command: "RecordSale" },
  { books, chain }: Facts,
): Result<Decision, Refusal> {
  const { member, tenders, note } = command;
  if (member !== undefined && !books.members.has(member)) return refuse({ code: "member-unknown" });
  for (const { list, discount, quantity } of command.items) {
    const fault = faultOfAmount(list) ?? (discount === 0 ? undefined : faultOfAmount(discount));
    if (fault) return refuse(fault);
    if (!Number.isSafeInteger(quantity) || quantity < 1 || discount > list)
      return refuse({ code: "amount-not-positive" });
  }
  const items = command.items.map(({ name, quantity, list, discount }) => ({
    name: name.trim().slice(0, 80),
    quantity,
    list,
    discount,
    payable: list - discount,
  }));
  const payable = items.reduce((sum, item) => sum + item.payable, 0);
  if (payable <= 0) return refuse({ code: "amount-not-positive" });
  for (const { amount } of tenders) {
    const fault = faultOfAmount(amount);
    if (fault) return refuse(fault);
  }
  const tendered = tenders.reduce((sum, { amount }) => sum + amount, 0);
  if (tendered !== payable) return refuse({ code: "tenders-do-not-sum", payable, tendered });
  const wanted = tenders
    .filter(({ tender }) => tender === "stored-value")
    .reduce((sum, { amount }) => sum + amount, 0);
  if (wanted > 0 && member === undefined) return refuse({ code: "member-unknown" });
  const fragments = member === undefined ? [] : spendableFragments(books, member, chain);
  if (wanted > 0 && member !== undefined) {
    const here = faceOf(heldBy(fragments));
    const balance = balanceFen(books, member);
    if (balance < wanted) return refuse({ code: "balance-too-low", balance, wanted });
    if (here < wanted) return refuse({ code: "value-elsewhere", balance, here, wanted });
  }
  const value = wanted > 0 ? spendFragments(fragments, wanted) : [];
  return recording({
    kind: "SaleRecorded",
    body: { member, items, tenders, value, note: tidyNote(note) },
  });
}

/**
 * What a purse may spend of a member's value, oldest lot first; never what is disputed, and not what
 * the purse has to answer for of the same lot.
 */
export function spendableFragments(books: Books, member: MemberId, chain: Purse): Fragment[] {
  const ageOf = (fragment: Fragment) => books.lots.get(fragment.lot)?.at ?? [0, 0];
  return withoutDisputed(books.purses.fragments(member, chain)).sort(
    (a, b) => ageOf(a)[0] - ageOf(b)[0] || ageOf(a)[1] - ageOf(b)[1] || (a.ref < b.ref ? -1 : 1),
  );
}

function decideReverse(
  target: OperationRef,
  reason: string,
  { books, chain }: Facts,
): Result<Decision, Refusal> {
  const sale = books.sales.get(target);
  if (sale) {
    if (sale.reversedBy.length > 0) return refuse({ code: "already-reversed" });
    return recording({
      kind: "OperationReversed",
      body: { target, reason: reason.slice(0, 500) },
    });
  }
  const lot = books.lots.get(target);
  if (!lot) return refuse({ code: "target-unknown" });
  if (lot.batch !== undefined) return refuse({ code: "cannot-be-reversed" });
  if (lot.voidedBy !== undefined) return refuse({ code: "already-reversed" });
  const all = books.purses.allFragments(lot.member).filter((left) => left.lot === target);
  const whole = lot.principal + lot.bonus;
  const left = faceOf(heldBy(all));
  if (left < whole) return refuse({ code: "lot-partly-spent", spent: whole - left });
  const own = spendableFragments(books, lot.member, chain).filter((part) => part.lot === target);
  if (faceOf(heldBy(own)) < whole) return refuse({ code: "lot-held-elsewhere" });
  return recording({
    kind: "LotsVoided",
    body: { reason: reason.slice(0, 500), value: own.map(wholeLine) },
  });
}

function decideUndoImport(
  batch: OperationRef,
  reason: string,
  { books }: Facts,
): Result<Decision, Refusal> {
  if (!books.imports.get(batch)?.closed) return refuse({ code: "import-unknown" });
  if (isUndone(books, batch)) return refuse({ code: "already-undone" });
  return recording({ kind: "ImportUndone", body: { batch, reason: reason.slice(0, 500) } });
}

const recording = (draft: Draft): Result<Decision, Refusal> => done({ drafts: [() => draft] });

function faultOfAmount(amount: number): Refusal | undefined {
  if (!Number.isSafeInteger(amount)) return { code: "amount-not-fen" };
  if (amount <= 0) return { code: "amount-not-positive" };
  return amount > amountFenMax ? { code: "amount-too-large", most: amountFenMax } : undefined;
}

const tidyNote = (note: string | undefined): string | undefined =>
  note ? note.replace(/\p{Surrogate}/gu, "").slice(0, 500) : undefined;

const withoutEmpty = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
