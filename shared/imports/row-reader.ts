import { type ColumnMapping, isField } from "./column-mapping.ts";
import type { FieldName } from "./import-fields.ts";
import type { RejectReason, WarningList } from "./import-plan.ts";
import type { Table, TableRow } from "./read-table.ts";
import { cleanText, looksRounded, noteCharsMax, readText, textCharsMax } from "./read-values.ts";

/** Where the fields of a table stand, worked out once. */
export interface TableColumns {
  byField: ReadonlyMap<FieldName, { index: number; heading: string }>;
  kept: readonly { index: number; heading: string }[];
}

export interface RowFailure {
  reason: RejectReason;
  column?: string;
}

export function columnsOf(table: Table, mapping: ColumnMapping): TableColumns {
  const byField = new Map<FieldName, { index: number; heading: string }>();
  const kept: { index: number; heading: string }[] = [];
  table.headings.forEach((heading, index) => {
    const target = mapping[index] ?? "keep";
    if (isField(target)) byField.set(target, { index, heading });
    else if (target === "keep") kept.push({ index, heading });
  });
  return { byField, kept };
}

/** The cell of a field, "" where the file has no such column. */
export function cellOf(row: TableRow, columns: TableColumns, field: FieldName): string {
  const column = columns.byField.get(field);
  return column === undefined ? "" : (row.cells[column.index] ?? "");
}

export const headingFor = (columns: TableColumns, field: FieldName): string | undefined =>
  columns.byField.get(field)?.heading;

/** A failure of one field, with its heading where it has one. */
export function failure(reason: RejectReason, column?: string): RowFailure {
  return column === undefined ? { reason } : { reason, column };
}

/** Faults of the row as a whole, before any field is looked at. */
export function rowFailure(row: TableRow): RowFailure | undefined {
  if (row.fault) return { reason: row.fault };
  const first = row.cells.find((cell) => cell !== "") ?? "";
  return /^(合计|总计|小计|共计|total)[:：]?$/i.test(first) ? { reason: "total-line" } : undefined;
}

/** Text fields and kept columns → `into`; blanks are left out. */
export function copyText(
  row: TableRow,
  columns: TableColumns,
  fields: readonly FieldName[],
  into: Record<string, string>,
  warnings: WarningList,
): RowFailure | undefined {
  for (const field of fields) {
    const charsMax = field === "note" ? noteCharsMax : textCharsMax;
    const text = readText(cellOf(row, columns, field), charsMax);
    if (!text.ok) return failure(text.refusal, headingFor(columns, field));
    if (text.value !== "") into[field] = text.value;
  }
  for (const { index, heading } of columns.kept) {
    const text = readText(row.cells[index] ?? "");
    if (!text.ok) return failure(text.refusal, heading);
    if (text.value === "") continue;
    into[extraKey(heading)] = text.value;
    if (looksRounded(text.value)) warnings.add("number-rounded", row.row, heading);
    if (idHeading.test(heading)) warnings.add("id-number-column", row.row, heading);
  }
  return undefined;
}

const idHeading = /身份证|证件号|^zjhm$|\bid ?(card|number)\b/i;

/** Keeps what a field could not take, beside the columns without a home. */
export function keepRaw(
  row: TableRow,
  columns: TableColumns,
  field: FieldName,
  into: Record<string, string>,
): void {
  const heading = headingFor(columns, field);
  const text = [...cleanText(cellOf(row, columns, field))].slice(0, textCharsMax).join("");
  if (heading !== undefined && text !== "") into[extraKey(heading)] = text;
}

const extraKey = (heading: string): string => `extra.${cleanText(heading)}`;
