import type { FileKind } from "./import-fields.ts";
import type { RowFault } from "./read-table.ts";
import type { PhoneFault } from "./read-values.ts";

export interface MemberDraft {
  /** row of the members file, as a spreadsheet counts */
  row: number;
  /** plain text by field name; kept columns as `extra.<heading>`; blanks are left out */
  fields: Record<string, string>;
  openingFen: number;
  openingBonusFen: number;
  /** 累计消费 as the old system gave it: a control total, never money of ours */
  spentFen: number | undefined;
  purchases: PurchaseDraft[];
}

export interface PurchaseDraft {
  row: number;
  amountFen: number;
  /** `yyyy-mm-dd` or `yyyy-mm-dd hh:mm:ss`, in the shop's own time */
  at: string;
  details: Record<string, string>;
}

/** The members who are there already. */
export interface KnownMembers {
  cards: ReadonlySet<string>;
  phones: ReadonlySet<string>;
}

/** ¥4,000,000,000,000: a batch can state it, and every sum and difference below it is exact. */
export const sumFenMax = 400_000_000_000_000;

/** What an import would do. Nothing has been written. */
export interface ImportPlan {
  members: MemberDraft[];
  totals: ImportTotals;
  storeLabels: { label: string; members: number }[];
  rejects: Reject[];
  warnings: Warning[];
}

export interface ImportTotals {
  members: number;
  openingFen: number;
  openingBonusFen: number;
  purchases: number;
  purchasesFen: number;
  spentControlFen: number;
  /** control less purchases, over members that have a control; 0 when no purchases came */
  spentDifferenceFen: number;
  membersWithSpentDifference: number;
}

export interface Reject {
  file: FileKind;
  row: number;
  /** as they stood in the file, trimmed */
  cells: string[];
  reason: RejectReason;
  /** heading of the column at fault */
  column?: string;
}

export type RejectReason =
  | RowFault
  | PhoneFault
  | "total-line"
  | "no-card-or-phone"
  | "duplicate-card"
  | "already-a-member"
  | "card-rounded"
  | "too-long"
  | "not-a-number"
  | "too-many-decimals"
  | "too-large"
  | "negative-balance"
  | "negative-amount"
  | "no-amount"
  | "no-date"
  | "not-a-date"
  | "unknown-member"
  | "member-rejected"
  | "ambiguous-phone";

export interface Warning {
  file: FileKind;
  code: WarningCode;
  column?: string;
  /** rows it applies to */
  count: number;
  /** the first of them */
  rows: number[];
}

export type WarningCode =
  | PhoneFault
  | "duplicate-phone"
  | "phone-already-a-member"
  | "card-widths-differ"
  | "date-kept-as-text"
  | "control-not-readable"
  | "number-rounded"
  | "id-number-column"
  | "duplicate-receipt"
  | "name-differs"
  | "spent-difference";

export interface WarningList {
  add(code: WarningCode, row: number, column?: string): void;
  list(): Warning[];
}

const rowsPerWarningMax = 100;

/** Warnings of one file, gathered by code and column so that ten thousand rows make one line. */
export function createWarningList(file: FileKind): WarningList {
  const byKey = new Map<string, Warning>();
  return {
    add(code, row, column) {
      const key = `${code}\n${column ?? ""}`;
      const warning = byKey.get(key) ?? {
        file,
        code,
        ...(column === undefined ? {} : { column }),
        count: 0,
        rows: [],
      };
      byKey.set(key, warning);
      warning.count++;
      if (warning.rows.length < rowsPerWarningMax) warning.rows.push(row);
    },
    list: () => [...byKey.values()],
  };
}
