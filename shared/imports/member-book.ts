import { done, type Result, refuse } from "../outcome/result.ts";
import {
  type KnownMembers,
  type MemberDraft,
  type RejectReason,
  sumFenMax,
  type WarningList,
} from "./import-plan.ts";
import { readMemberRow } from "./read-member-row.ts";
import type { TableRow } from "./read-table.ts";
import { readCard } from "./read-values.ts";
import { cellOf, failure, headingFor, type RowFailure, type TableColumns } from "./row-reader.ts";

export interface MemberBook {
  members: MemberDraft[];
  /** @returns why the row was not taken */
  take(row: TableRow, columns: TableColumns): RowFailure | undefined;
  /** By card, then by a phone that only one member has; never by name. */
  find(card: string, phone: string): Result<MemberDraft, RejectReason>;
}

/** The members of one file, each card once. */
export function createMemberBook(known: KnownMembers, warnings: WarningList): MemberBook {
  const members: MemberDraft[] = [];
  const byCard = new Map<string, MemberDraft | "rejected">();
  const byPhone = new Map<string, MemberDraft[]>();
  const sums = { balance: 0, bonusBalance: 0, spent: 0 };

  const identityFailure = ({ fields }: MemberDraft, columns: TableColumns) => {
    const { card, phone } = fields;
    const knownPhone = phone !== undefined && known.phones.has(phone);
    if (card === undefined ? knownPhone : known.cards.has(card)) {
      return failure(
        "already-a-member",
        headingFor(columns, card === undefined ? "phone" : "card"),
      );
    }
    return card !== undefined && byCard.has(card)
      ? failure("duplicate-card", headingFor(columns, "card"))
      : undefined;
  };

  const sumFailure = (draft: MemberDraft, columns: TableColumns) => {
    const next = {
      balance: sums.balance + draft.openingFen,
      bonusBalance: sums.bonusBalance + draft.openingBonusFen,
      spent: sums.spent + (draft.spentFen ?? 0),
    };
    for (const field of ["balance", "bonusBalance", "spent"] as const) {
      if (Math.abs(next[field]) >= sumFenMax)
        return failure("too-large", headingFor(columns, field));
    }
    Object.assign(sums, next);
    return undefined;
  };

  return {
    members,
    take(row, columns) {
      const read = readMemberRow(row, columns, warnings);
      const draft = read.ok ? read.value : undefined;
      const refused = draft
        ? (identityFailure(draft, columns) ?? sumFailure(draft, columns))
        : !read.ok && read.refusal;
      if (!draft || refused) {
        const card = readCard(cellOf(row, columns, "card"));
        if (card.ok && card.value !== "" && !byCard.has(card.value)) {
          byCard.set(card.value, "rejected");
        }
        return refused || undefined;
      }
      const { card, phone } = draft.fields;
      if (card !== undefined) byCard.set(card, draft);
      if (phone !== undefined) {
        const same = byPhone.get(phone) ?? [];
        if (same.length > 0) warnings.add("duplicate-phone", row.row, headingFor(columns, "phone"));
        if (known.phones.has(phone)) {
          warnings.add("phone-already-a-member", row.row, headingFor(columns, "phone"));
        }
        same.push(draft);
        byPhone.set(phone, same);
      }
      members.push(draft);
      return undefined;
    },
    find(card, phone) {
      const holder = byCard.get(card);
      if (known.cards.has(card)) return refuse("already-a-member");
      if (holder === "rejected") return refuse("member-rejected");
      if (holder) return done(holder);
      const [first, second] = byPhone.get(phone) ?? [];
      if (second) return refuse("ambiguous-phone");
      if (first) return done(first);
      return refuse(known.phones.has(phone) ? "already-a-member" : "unknown-member");
    },
  };
}

/** Cards of all digits and of several lengths: a spreadsheet may have eaten the zeros in front. */
export function warnOfCardWidths(members: readonly MemberDraft[], warnings: WarningList): void {
  const withCard = members.filter(({ fields }) => fields.card !== undefined);
  const widths = new Map<number, number>();
  for (const { fields } of withCard) {
    const { card = "" } = fields;
    if (!/^\d+$/.test(card)) return;
    widths.set(card.length, (widths.get(card.length) ?? 0) + 1);
  }
  const [usual] = [...widths].sort(([, a], [, b]) => b - a)[0] ?? [];
  for (const { row, fields } of withCard) {
    if (fields.card?.length !== usual) warnings.add("card-widths-differ", row);
  }
}

/** 所在店铺 and how many members carry it, the largest first. */
export function countStoreLabels(
  members: readonly MemberDraft[],
): { label: string; members: number }[] {
  const counts = new Map<string, number>();
  for (const { fields } of members) {
    const label = fields.storeLabel;
    if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts]
    .map(([label, count]) => ({ label, members: count }))
    .sort((a, b) => b.members - a.members || (a.label < b.label ? -1 : 1));
}
