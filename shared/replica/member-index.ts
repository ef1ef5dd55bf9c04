import { fromBase64Url } from "../journal/bytes.ts";
import { deviceOfChain, type OperationRef, splitRef } from "../journal/operation.ts";
import {
  hashOfKey,
  type MemberFields,
  type MemberKey,
  noFields,
  openFields,
} from "../members/member-fields.ts";
import { type MemberId, sealContext } from "../members/member-kinds.ts";
import type { MemberRecord } from "../members/members.ts";
import { type Books, isUndone, isWithdrawn, oldPurchasesOf } from "./books.ts";
import type { FieldConflict, MemberView, WrittenValue } from "./member-view.ts";

/** Keys of members who are not here: more than any shop has, less than fills a device. */
const strangersMax = 300_000;

/**
 * The keyring and what it opens: members' fields in plain, only in memory, kept up to date as
 * operations come to count.
 */
export class MemberIndex {
  readonly #org: string;
  readonly #books: Books;
  readonly #keys = new Map<MemberId, string>();
  readonly #opened = new Map<MemberId, MemberKey>();
  readonly #plainByEdit = new Map<OperationRef, MemberFields | "sealed">();
  readonly #views = new Map<MemberId, MemberView>();
  readonly #memberByCard = new Map<string, MemberId>();

  constructor(org: string, books: Books) {
    this.#org = org;
    this.#books = books;
  }

  /** Of several keys the one that the member was sealed with; before that is known, the last. */
  addKeys(keys: Iterable<readonly [MemberId, string]>): void {
    for (const [member, key] of keys) {
      if (this.#keys.get(member) === key || this.#isWrong(member, key)) continue;
      this.#keys.set(member, key);
      this.#opened.delete(member);
      this.#views.delete(member);
      this.#books.changedMembers.add(member);
    }
  }

  /**
   * Whether an offered key is to be stored: the right one of a member that is known, in place of
   * whatever is here; of a member yet to come the first, while there are not too many of them.
   */
  isWorthKeeping(member: MemberId, key: string): boolean {
    if (this.#keys.get(member) === key || fromBase64Url(key)?.length !== 32) return false;
    if (this.#books.members.has(member)) return !this.#isWrong(member, key);
    const strangers = this.#keys.size - this.#books.members.size;
    return !this.#keys.has(member) && strangers < strangersMax;
  }

  /** How many members are here whose right key is not. */
  lacking(): number {
    let count = 0;
    for (const member of this.#books.members.keys()) if (!this.keyOf(member)) count++;
    return count;
  }

  #isWrong(member: MemberId, key: string): boolean {
    const hash = this.#books.members.get(member)?.keyHash;
    const bytes = fromBase64Url(key);
    return hash !== undefined && (!bytes || hashOfKey(bytes) !== hash);
  }

  keys(): Iterable<[MemberId, string]> {
    return this.#keys.entries();
  }

  keyText(member: MemberId): string | undefined {
    return this.#keys.get(member);
  }

  get keyCount(): number {
    return this.#keys.size;
  }

  /** The member's key once it is here and is the one that the member was sealed with. */
  keyOf(member: MemberId): MemberKey | undefined {
    const opened = this.#opened.get(member);
    if (opened) return opened;
    const bytes = fromBase64Url(this.#keys.get(member) ?? "");
    const record = this.#books.members.get(member);
    if (bytes?.length !== 32 || !record || hashOfKey(bytes) !== record.keyHash) return undefined;
    this.#opened.set(member, bytes);
    return bytes;
  }

  /** Something else that was sealed under the member's key; empty while the key is missing. */
  open(member: MemberId, sealed: string): MemberFields {
    const key = this.keyOf(member);
    return (key && openFields(key, sealContext(this.#org, member), sealed)) ?? {};
  }

  view(member: MemberId): MemberView | undefined {
    this.refresh();
    const record = this.#books.members.get(member);
    if (!record) return undefined;
    const view = this.#views.get(member) ?? this.#makeView(record);
    this.#views.set(member, view);
    return view;
  }

  *listed(): Iterable<MemberView> {
    this.refresh();
    for (const record of this.#books.members.values())
      if (!isWithdrawn(this.#books, record)) yield this.view(record.id) as MemberView;
  }

  memberByCard(card: string): MemberId | undefined {
    this.refresh();
    const member = this.#memberByCard.get(card);
    const record = member === undefined ? undefined : this.#books.members.get(member);
    if (!record || isWithdrawn(this.#books, record)) return undefined;
    return this.view(record.id)?.fields["card"] === card ? record.id : undefined;
  }

  /** Forgets what was shown of members that changed; undoing an import changes many at once. */
  refresh(): void {
    const { changedMembers } = this.#books;
    if (changedMembers.size === 0) return;
    const changed = [...changedMembers];
    changedMembers.clear();
    for (const member of changed) {
      this.#views.delete(member);
      const record = this.#books.members.get(member);
      if (!record) continue;
      const card = this.view(member)?.fields["card"];
      if (card) this.#memberByCard.set(card, member);
    }
  }

  forgetViews(): void {
    this.#views.clear();
  }

  #makeView(record: MemberRecord): MemberView {
    const books = this.#books;
    const { id } = record;
    const key = this.keyOf(id);
    const fields = noFields();
    const conflicts: FieldConflict[] = [];
    for (const [field, history] of record.historyByField) {
      const [shown, ...rest] = history.heads().map(
        (edit): WrittenValue => ({
          value: key && this.#plain(record, key, edit.source, field),
          atMs: edit.hlc[0],
          device: deviceOfChain(splitRef(edit.ref).chain),
          staff: edit.staff,
          edit: edit.ref,
        }),
      );
      if (!shown) continue;
      if (shown.value) fields[field] = shown.value;
      // What cannot be read may be the same or not: somebody with the key has to look.
      const others = rest.filter(({ value }) => value === undefined || value !== shown.value);
      if (others.length > 0) conflicts.push({ field, shown, others });
    }
    const balance = books.balances.get(id) ?? { principal: 0, bonus: 0 };
    const visits = books.visitsByMember.get(id);
    const old = oldPurchasesOf(books, id);
    const lots = (books.lotsByMember.get(id) ?? []).flatMap((ref) => books.lots.get(ref) ?? []);
    const opening = lots.find((lot) => lot.batch !== undefined && lot.voidedBy === undefined);
    return {
      id,
      key: key ? "here" : "fetching",
      fields,
      conflicts,
      principal: balance.principal,
      bonus: balance.bonus,
      balance: balance.principal + balance.bonus,
      visits: visits?.count ?? 0,
      spent: visits?.spentFen ?? 0,
      lastVisitMs: visits?.lastMs ?? 0,
      oldVisits: old.count,
      oldSpent: old.spentFen,
      addedMs: record.addedAt[0],
      imported: record.batch !== undefined,
      openingToCheck: opening !== undefined,
      undoneButKept: isUndone(books, record.batch) && !isWithdrawn(books, record),
    };
  }

  /** @returns undefined for an edit that the member's key does not open */
  #plain(
    record: MemberRecord,
    key: MemberKey,
    edit: OperationRef | undefined,
    field: string,
  ): string | undefined {
    if (edit === undefined) return "";
    let plain = this.#plainByEdit.get(edit);
    if (plain === undefined) {
      const sealed = record.sealedByEdit.get(edit) ?? "";
      plain = openFields(key, sealContext(this.#org, record.id), sealed) ?? "sealed";
      this.#plainByEdit.set(edit, plain);
    }
    return plain === "sealed" ? undefined : (plain[field] ?? "");
  }
}
