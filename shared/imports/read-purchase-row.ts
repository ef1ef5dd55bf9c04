import { done, type Result, refuse } from "../outcome/result.ts";
import type { FieldName } from "./import-fields.ts";
import type { PurchaseDraft, WarningList } from "./import-plan.ts";
import type { TableRow } from "./read-table.ts";
import { cleanText, readAmount, readCard, readDate, readPhone } from "./read-values.ts";
import {
  cellOf,
  copyText,
  failure,
  headingFor,
  type RowFailure,
  rowFailure,
  type TableColumns,
} from "./row-reader.ts";

export interface PurchaseRow {
  draft: PurchaseDraft;
  /** "" where the file does not say */
  card: string;
  phone: string;
  name: string;
}

const textFields: readonly FieldName[] = ["receipt", "quantity", "tender", "operator", "note"];

/** One row of a purchases file → what was bought, and the card and phone to find the member by. */
export function readPurchaseRow(
  row: TableRow,
  columns: TableColumns,
  warnings: WarningList,
): Result<PurchaseRow, RowFailure> {
  const broken = rowFailure(row);
  if (broken) return refuse(broken);
  const card = readCard(cellOf(row, columns, "card"));
  if (!card.ok) return refuse(failure(card.refusal, headingFor(columns, "card")));
  const phone = readPhone(cellOf(row, columns, "phone"));
  if (card.value === "" && !phone.ok) {
    return refuse(failure(phone.refusal, headingFor(columns, "phone")));
  }
  const phoneText = phone.ok ? phone.value : "";
  if (card.value === "" && phoneText === "") return refuse(failure("no-card-or-phone"));
  const amount = readPaid(row, columns);
  if (!amount.ok) return refuse(failure(amount.refusal, headingFor(columns, "amount")));
  const at = readDate(cellOf(row, columns, "at"));
  if (!at.ok) return refuse(failure(at.refusal, headingFor(columns, "at")));
  if (at.value === "") return refuse(failure("no-date", headingFor(columns, "at")));
  const details: Record<string, string> = {};
  const badText = copyText(row, columns, textFields, details, warnings);
  if (badText) return refuse(badText);
  return done({
    draft: { row: row.row, amountFen: amount.value, at: at.value, details },
    card: card.value,
    phone: phoneText,
    name: cleanText(cellOf(row, columns, "name")),
  });
}

/** 0.00 is a purchase, a blank is not; a return has no place in history that only grows. */
function readPaid(row: TableRow, columns: TableColumns): Result<number, RowFailure["reason"]> {
  const cell = cellOf(row, columns, "amount");
  if (cleanText(cell) === "") return refuse("no-amount");
  const amount = readAmount(cell);
  if (!amount.ok) return amount;
  return amount.value < 0 ? refuse("negative-amount") : done(amount.value);
}
