import { addFen } from "../money/fen.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { type ColumnMapping, checkMapping, type MappingFault } from "./column-mapping.ts";
import type { FileKind } from "./import-fields.ts";
import {
  createWarningList,
  type ImportPlan,
  type ImportTotals,
  type KnownMembers,
  type MemberDraft,
  type Reject,
  sumFenMax,
  type WarningList,
} from "./import-plan.ts";
import {
  countStoreLabels,
  createMemberBook,
  type MemberBook,
  warnOfCardWidths,
} from "./member-book.ts";
import { spentBefore } from "./read-member-row.ts";
import { readPurchaseRow } from "./read-purchase-row.ts";
import type { Table, TableRow } from "./read-table.ts";
import {
  columnsOf,
  failure,
  headingFor,
  type RowFailure,
  type TableColumns,
} from "./row-reader.ts";

export interface MappedTable {
  table: Table;
  mapping: ColumnMapping;
}

export interface ImportInput {
  members?: MappedTable | undefined;
  purchases?: MappedTable | undefined;
  known: KnownMembers;
}

export interface ImportWatch {
  onProgress?: (rowsDone: number, rowsTotal: number) => void;
  shouldStop?: () => boolean;
  /** Lets the screen draw; awaited every `rowsPerPause` rows. */
  pause?: () => Promise<void>;
  rowsPerPause?: number;
}

export type PlanRefusal =
  | { code: "stopped" }
  | { code: "bad-mapping"; file: FileKind; faults: MappingFault[] };

/**
 * The dry run: reads everything, writes nothing. Stopped half-way it gives no plan at all.
 * The plan does not depend on the files' encoding, line ends or delimiter.
 */
export async function planImport(
  input: ImportInput,
  watch: ImportWatch = {},
): Promise<Result<ImportPlan, PlanRefusal>> {
  for (const file of ["members", "purchases"] as const) {
    const mapped = input[file];
    const faults = mapped ? checkMapping(file, mapped.mapping, mapped.table.headings.length) : [];
    if (faults.length > 0) return refuse({ code: "bad-mapping", file, faults });
  }
  const rejects: Reject[] = [];
  const memberWarnings = createWarningList("members");
  const purchaseWarnings = createWarningList("purchases");
  const book = createMemberBook(input.known, memberWarnings);
  const history = createHistory(book, purchaseWarnings);
  const going = createPace(input, watch);
  for (const [file, take] of [
    ["members", book.take],
    ["purchases", history.take],
  ] as const) {
    const mapped = input[file];
    if (!mapped) continue;
    const columns = columnsOf(mapped.table, mapped.mapping);
    for (const row of mapped.table.rows) {
      if (!(await going())) return refuse({ code: "stopped" });
      const why = take(row, columns);
      if (why) rejects.push({ file, row: row.row, cells: row.cells, ...why });
    }
  }
  if (!(await going())) return refuse({ code: "stopped" });
  warnOfCardWidths(book.members, memberWarnings);
  const totals = totalsOf(book.members, input.purchases !== undefined, memberWarnings);
  return done({
    members: book.members,
    totals,
    storeLabels: countStoreLabels(book.members),
    rejects,
    warnings: [...memberWarnings.list(), ...purchaseWarnings.list()],
  });
}

/** Tells progress, pauses and asks whether to go on, every few rows and at both ends. */
function createPace(input: ImportInput, watch: ImportWatch): () => Promise<boolean> {
  const rowsPerPause = Math.max(1, watch.rowsPerPause ?? 500);
  const total = (input.members?.table.rows.length ?? 0) + (input.purchases?.table.rows.length ?? 0);
  let rowsDone = 0;
  return async () => {
    const at = rowsDone++;
    if (at % rowsPerPause !== 0 && at !== total) return true;
    watch.onProgress?.(at, total);
    await watch.pause?.();
    return !watch.shouldStop?.();
  };
}

/** Gives each purchase to its member. */
function createHistory(book: MemberBook, warnings: WarningList) {
  const receipts = new Set<string>();
  let sumFen = 0;
  return {
    take(row: TableRow, columns: TableColumns): RowFailure | undefined {
      const read = readPurchaseRow(row, columns, warnings);
      if (!read.ok) return read.refusal;
      const { draft, card, phone, name } = read.value;
      const member = book.find(card, phone);
      if (!member.ok) return failure(member.refusal, headingFor(columns, card ? "card" : "phone"));
      if (sumFen + draft.amountFen >= sumFenMax) {
        return failure("too-large", headingFor(columns, "amount"));
      }
      sumFen += draft.amountFen;
      member.value.purchases.push(draft);
      const { receipt } = draft.details;
      if (receipt !== undefined && receipts.has(receipt)) {
        warnings.add("duplicate-receipt", row.row, headingFor(columns, "receipt"));
      }
      if (receipt !== undefined) receipts.add(receipt);
      if (name !== "" && name !== member.value.fields.name) {
        warnings.add("name-differs", row.row, headingFor(columns, "name"));
      }
      return undefined;
    },
  };
}

/** 累计消费 is compared where purchases came; where they did not, it is kept for people to see. */
function totalsOf(
  members: readonly MemberDraft[],
  hasPurchases: boolean,
  warnings: WarningList,
): ImportTotals {
  const totals: ImportTotals = {
    members: members.length,
    openingFen: 0,
    openingBonusFen: 0,
    purchases: 0,
    purchasesFen: 0,
    spentControlFen: 0,
    spentDifferenceFen: 0,
    membersWithSpentDifference: 0,
  };
  for (const { row, fields, openingFen, openingBonusFen, spentFen, purchases } of members) {
    const boughtFen = purchases.reduce((sum, { amountFen }) => addFen(sum, amountFen), 0);
    totals.openingFen = addFen(totals.openingFen, openingFen);
    totals.openingBonusFen = addFen(totals.openingBonusFen, openingBonusFen);
    totals.purchases += purchases.length;
    totals.purchasesFen = addFen(totals.purchasesFen, boughtFen);
    if (spentFen === undefined) continue;
    totals.spentControlFen = addFen(totals.spentControlFen, spentFen);
    if (!hasPurchases) fields.spentBefore = spentBefore(spentFen);
    else if (spentFen !== boughtFen) {
      totals.membersWithSpentDifference++;
      totals.spentDifferenceFen = addFen(totals.spentDifferenceFen, spentFen, -boughtFen);
      warnings.add("spent-difference", row);
    }
  }
  return totals;
}
