import { readEntry } from "../../shared/access/authority-entry.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import { chainOf, type Operation, readStoredOperation } from "../../shared/journal/operation.ts";
import { isSealText } from "../../shared/journal/seal.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import type { MemberRecord } from "../../shared/members/members.ts";
import { type Books, isWithdrawn } from "../../shared/replica/books.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import { MemberIndex } from "../../shared/replica/member-index.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import type { LoadedVersion } from "./load-version.ts";

/** Before and after. */
export type Change<Value> = [was: Value, is: Value];

export interface ChangedField {
  field: string;
  /** in plain; absent where the field was empty, or the member's key is not here */
  was?: string;
  is?: string;
}

/** What happened, counted by what it was and who did it. Times are wall milliseconds. */
export interface DoneBy {
  kind: string;
  store: string;
  device: string;
  /** empty for what a device does by itself */
  staff: string;
  count: number;
  firstMs: number;
  lastMs: number;
}

/** A member by reference, and by name where its key is here. */
export interface NamedMember {
  member: MemberId;
  name?: string;
}

export interface VersionDiff {
  /** nothing differs but perhaps the time of taking */
  isSame: boolean;
  /** of each of `StateSummary.counts` that differs */
  counts: Record<string, Change<number>>;
  /** fen, by account that differs */
  trialBalance: Record<string, Change<number>>;
  /** fen that members are owed */
  owed: Change<number>;
  disputed: Change<number>;
  members: {
    added: NamedMember[];
    /** there before and not any more: an import that was undone, or an older version on the right */
    gone: NamedMember[];
    /** the key is not there any more: nobody can read them */
    erased: NamedMember[];
    changed: (NamedMember & { fields: ChangedField[] })[];
  };
  /** fen, of each member whose balance differs */
  balances: (NamedMember & { principal: Change<number>; bonus: Change<number> })[];
  /** what the second has and the first has not, most first */
  since: DoneBy[];
  /** what the first has and the second has not */
  missing: DoneBy[];
  /** changes of rights that only the second has, by kind of entry */
  rights: Record<string, number>;
}

/** What two versions of a shop differ in; either may be the live one. @throws StoreFault */
export async function diffVersions(a: LoadedVersion, b: LoadedVersion): Promise<VersionDiff> {
  const [was, is] = [summarise(a.ledger), summarise(b.ledger)];
  const since = await doneBeyond(b, a.ledger.heads());
  const missing = await doneBeyond(a, b.ledger.heads());
  const keys = [...a.keys, ...b.keys];
  const people = new People(a.ledger, b.ledger, keys);
  const rights: Record<string, number> = {};
  for (const text of b.ledger.authorityTexts.slice(a.ledger.authorityTexts.length)) {
    const kind = readEntry(text)?.kind ?? "unknown";
    rights[kind] = (rights[kind] ?? 0) + 1;
  }
  return {
    isSame: was.hash === is.hash && sameLabel(was, is) && a.keys.length === b.keys.length,
    counts: changed(was.counts, is.counts),
    trialBalance: changed(was.trialBalance, is.trialBalance),
    owed: [owedIn(was), owedIn(is)],
    disputed: [was.disputed, is.disputed],
    members: membersOf(a, b, people),
    balances: balancesOf(a.ledger.books, b.ledger.books, people),
    since,
    missing,
    rights,
  };
}

const sameLabel = ({ label: a }: StateSummary, { label: b }: StateSummary): boolean =>
  a.heads === b.heads && a.authority === b.authority;

const owedIn = ({ liabilities }: StateSummary): number => liabilities.principal + liabilities.bonus;

function changed(
  was: Readonly<Record<string, number>>,
  is: Readonly<Record<string, number>>,
): Record<string, Change<number>> {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  const changes = names.map((name): [string, Change<number>] => [
    name,
    [was[name] ?? 0, is[name] ?? 0],
  ]);
  return Object.fromEntries(changes.filter(([, [before, after]]) => before !== after));
}

/** Members' fields in plain, as each of the two versions has them. */
class People {
  readonly #was: MemberIndex;
  readonly #is: MemberIndex;

  constructor(was: Ledger, is: Ledger, keys: Iterable<readonly [MemberId, string]>) {
    this.#was = new MemberIndex(was.log.org, was.books);
    this.#is = new MemberIndex(is.log.org, is.books);
    for (const index of [this.#was, this.#is]) index.addKeys(keys);
  }

  named(member: MemberId): NamedMember {
    const view = this.#is.view(member) ?? this.#was.view(member);
    const name = view?.fields["name"];
    return name === undefined ? { member } : { member, name };
  }

  field(member: MemberId, field: string): ChangedField {
    const was = this.#was.view(member)?.fields[field];
    const is = this.#is.view(member)?.fields[field];
    return { field, ...(was === undefined ? {} : { was }), ...(is === undefined ? {} : { is }) };
  }
}

function membersOf(a: LoadedVersion, b: LoadedVersion, people: People): VersionDiff["members"] {
  const [was, is] = [presentIn(a.ledger.books), presentIn(b.ledger.books)];
  const named = (ids: Iterable<MemberId>) => [...ids].map((id) => people.named(id));
  const added = [...is.keys()].filter((id) => !was.has(id));
  const gone = [...was.keys()].filter((id) => !is.has(id));
  const keysNow = new Set(b.keys.map(([member]) => member));
  const erased = a.keys.map(([member]) => member).filter((id) => is.has(id) && !keysNow.has(id));
  const changedMembers = [...is].flatMap(([id, record]) => {
    const before = was.get(id);
    const fields = before ? changedFields(before, record) : [];
    if (fields.length === 0) return [];
    return [{ ...people.named(id), fields: fields.map((field) => people.field(id, field)) }];
  });
  return { added: named(added), gone: named(gone), erased: named(erased), changed: changedMembers };
}

const presentIn = (books: Books): Map<MemberId, MemberRecord> =>
  new Map([...books.members].filter(([, record]) => !isWithdrawn(books, record)));

function changedFields(was: MemberRecord, is: MemberRecord): string[] {
  const edits = (record: MemberRecord, field: string) =>
    (record.historyByField.get(field)?.heads() ?? []).map(({ ref }) => ref).join();
  const names = new Set([...was.historyByField.keys(), ...is.historyByField.keys()]);
  return [...names].filter((field) => edits(was, field) !== edits(is, field)).sort();
}

function balancesOf(was: Books, is: Books, people: People): VersionDiff["balances"] {
  const none = { principal: 0, bonus: 0 };
  const members = new Set([...was.balances.keys(), ...is.balances.keys()]);
  return [...members].flatMap((member) => {
    const [before, after] = [was.balances.get(member) ?? none, is.balances.get(member) ?? none];
    if (before.principal === after.principal && before.bonus === after.bonus) return [];
    const principal: Change<number> = [before.principal, after.principal];
    return [{ ...people.named(member), principal, bonus: [before.bonus, after.bonus] }];
  });
}

const readMost = 4000;

/** Operations beyond these heads, counted by what they are and who did them. */
async function doneBeyond(version: LoadedVersion, heads: Heads): Promise<DoneBy[]> {
  const found = new Map<string, DoneBy>();
  const count = (operation: Operation) => {
    if (operation.seq < (heads.get(chainOf(operation))?.next ?? 0)) return;
    const { kind, store, device, staff, hlc } = operation;
    const [atMs] = hlc;
    const by = [kind, store, device, staff].join(" ");
    const known = found.get(by) ?? {
      ...{ kind, store, device, staff, count: 0 },
      ...{ firstMs: atMs, lastMs: atMs },
    };
    known.count++;
    known.firstMs = Math.min(known.firstMs, atMs);
    known.lastMs = Math.max(known.lastMs, atMs);
    found.set(by, known);
  };
  const apart = hasMore(version.ledger, heads) ? version.documents : [];
  for (const { name, length } of apart) {
    if (name === authorityDocument) continue;
    for (let at = 0; at < length; at += readMost)
      for (const text of await version.read(name, at, Math.min(readMost, length - at))) {
        const operation = isSealText(text) ? undefined : readStoredOperation(text);
        if (operation) count(operation);
      }
  }
  return [...found.values()].sort((x, y) => y.count - x.count || (x.kind < y.kind ? -1 : 1));
}

const hasMore = (ledger: Ledger, heads: Heads): boolean =>
  [...ledger.heads()].some(([chain, { next }]) => next > (heads.get(chain)?.next ?? 0));
