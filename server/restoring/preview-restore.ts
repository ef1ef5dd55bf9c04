import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { ChainId, Operation, OperationRef } from "../../shared/journal/operation.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import { sumFen } from "../../shared/money/fen-sum.ts";
import type { Books } from "../../shared/replica/books.ts";
import type { MemberIndex } from "../../shared/replica/member-index.ts";
import type { RestoredMember } from "../../shared/restoring/restore-subject.ts";
import { balanceFen } from "../../shared/stored-value/lots.ts";
import { heldBy, totalFace } from "../../shared/stored-value/spend-fragments.ts";
import { faceOf } from "../../shared/stored-value/value-line.ts";
import type { Relay } from "../relay/relay.ts";
import { operationsAfter } from "./operations-after.ts";
import type { RestorePlan } from "./restore-plan.ts";

/** What an operation wrote into a field; undefined where it cannot be read here. */
export type ReadField = (
  member: MemberId,
  from: OperationRef | undefined,
  field: string,
) => string | undefined;

/** One member's changes. Amounts in fen. */
export interface MemberPreview {
  member: MemberId;
  /** undefined where it cannot be read */
  name: string | undefined;
  /** values that cannot be read are left out */
  fields: { field: string; now?: string | undefined; restored?: string | undefined }[];
  listing: "hidden" | "listed" | undefined;
  balance: { now: number; restored: number };
}

export interface RestorePreview {
  counts: { members: number; fields: number; hidden: number; listed: number };
  /** fen; `disputed` is owed until what lies in tills has come back */
  money: { given: number; taken: number; sum: number; disputed: number };
  members: MemberPreview[];
  /** what was recorded since that version, of everything that the server holds */
  since: {
    operations: number;
    byKind: Record<string, number>;
    byAuthor: { device: string; staff: string; operations: number }[];
  };
  /** devices that go on; what the server does not have of them yet stays as it is */
  devices: { device: string; name: string; lastMs: number | undefined }[];
}

export interface PreviewDeps {
  relay: Relay;
  read: ReadField;
  /** when a device was last heard, wall milliseconds */
  lastMsOf(device: string): number | undefined;
}

/** What a plan would do, for people; changes nothing. */
export async function previewRestore(
  plan: RestorePlan,
  nextThen: (chain: ChainId) => number,
  deps: PreviewDeps,
): Promise<RestorePreview> {
  const { relay } = deps;
  const { books, log } = relay.ledger;
  const members = membersOf(plan.members, books, deps.read);
  const lines = plan.members.flatMap(({ value }) => value);
  const given = sumFen(lines.map(faceOf).filter((fen) => fen > 0));
  const taken = 0 - sumFen(lines.map(faceOf).filter((fen) => fen < 0));
  return {
    counts: {
      members: members.length,
      fields: members.reduce((sum, { fields }) => sum + fields.length, 0),
      hidden: members.filter(({ listing }) => listing === "hidden").length,
      listed: members.filter(({ listing }) => listing === "listed").length,
    },
    money: { given, taken, sum: given - taken, disputed: disputedBy(plan, books) },
    members,
    since: await sinceThen(relay, nextThen, log),
    devices: [...log.devices.values()]
      .filter(({ server, closed }) => !server && !closed)
      .map(({ id, name }) => ({ device: id, name, lastMs: deps.lastMsOf(id) })),
  };
}

/** Reads what lies sealed in the books, with the keys that are here. */
export const fieldReader =
  (books: Books, index: MemberIndex): ReadField =>
  (member, from, field) => {
    if (from === undefined) return "";
    const sealed = books.members.get(member)?.sealedByEdit.get(from);
    const isReadable = sealed !== undefined && index.keyOf(member) !== undefined;
    return isReadable ? (index.open(member, sealed)[field] ?? "") : undefined;
  };

/** The parts of a member together. */
function membersOf(
  parts: readonly RestoredMember[],
  books: Books,
  read: ReadField,
): MemberPreview[] {
  const byMember = new Map<MemberId, MemberPreview>();
  for (const { member, fields, listing, value } of parts) {
    const known = byMember.get(member) ?? blankPreview(member, books, read);
    byMember.set(member, known);
    for (const [field, { from }] of Object.entries(fields)) {
      const now = read(member, shownSource(books, member, field), field);
      known.fields.push({ field, now, restored: read(member, from, field) });
    }
    if (listing) known.listing = listing.is === "hidden" ? "hidden" : "listed";
    known.balance.restored += totalFace(value);
  }
  return [...byMember.values()];
}

function blankPreview(member: MemberId, books: Books, read: ReadField): MemberPreview {
  const now = balanceFen(books, member);
  const name = read(member, shownSource(books, member, "name"), "name");
  return { member, name, fields: [], listing: undefined, balance: { now, restored: now } };
}

const shownSource = (books: Books, member: MemberId, field: string): OperationRef | undefined =>
  books.members.get(member)?.historyByField.get(field)?.heads()[0]?.source;

/** What is to be taken and does not lie in the purse that owes it. */
function disputedBy({ members }: RestorePlan, books: Books): number {
  let disputed = 0;
  for (const { member, value } of members) {
    const taken = value.filter((line) => faceOf(line) < 0);
    if (taken.length === 0) continue;
    const all = books.purses.allFragments(member).filter(({ isDebt }) => !isDebt);
    for (const line of taken) {
      const there = all.filter(({ purse, lot }) => purse === line.purse && lot === line.lot);
      const { principal, bonus } = heldBy(there);
      disputed += Math.max(0, 0 - line.principal - Math.max(0, principal));
      disputed += Math.max(0, 0 - line.bonus - Math.max(0, bonus));
    }
  }
  return disputed;
}

async function sinceThen(
  relay: Relay,
  nextThen: (chain: ChainId) => number,
  { devices, staff }: AuthorityState,
): Promise<RestorePreview["since"]> {
  let operations = 0;
  const byKind: Record<string, number> = {};
  const byAuthor = new Map<string, RestorePreview["since"]["byAuthor"][number]>();
  for await (const operation of operationsAfter(relay, nextThen)) {
    operations++;
    byKind[operation.kind] = (byKind[operation.kind] ?? 0) + 1;
    const key = authorOf(operation);
    const author = byAuthor.get(key) ?? {
      device: devices.get(operation.device)?.name ?? operation.device,
      staff: staff.get(operation.staff)?.name ?? operation.staff,
      operations: 0,
    };
    author.operations++;
    byAuthor.set(key, author);
  }
  return { operations, byKind, byAuthor: [...byAuthor.values()] };
}

const authorOf = ({ device, staff }: Operation): string => `${device} ${staff}`;
