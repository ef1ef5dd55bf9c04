import { formatYuan } from "../money/fen.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import type { FieldName } from "./import-fields.ts";
import type { MemberDraft, WarningList } from "./import-plan.ts";
import type { TableRow } from "./read-table.ts";
import {
  cleanText,
  looksRounded,
  nameCharsMax,
  readAmount,
  readBirthday,
  readCard,
  readDay,
  readPhone,
  readText,
} from "./read-values.ts";
import {
  cellOf,
  copyText,
  failure,
  headingFor,
  keepRaw,
  type RowFailure,
  rowFailure,
  type TableColumns,
} from "./row-reader.ts";

const textFields: readonly FieldName[] = [
  "gender",
  "address",
  "wechat",
  "note",
  "points",
  "totalPoints",
  "level",
  "cardType",
  "storeLabel",
];
const dateFields = [
  ["birthday", readBirthday],
  ["openedOn", readDay],
  ["validUntil", readDay],
] as const;

/**
 * One row of a members file → a draft. What decides who and how much (card, balances) is read or the
 * row refused; what only describes (phone beside a card, dates) is kept as text with a warning.
 */
export function readMemberRow(
  row: TableRow,
  columns: TableColumns,
  warnings: WarningList,
): Result<MemberDraft, RowFailure> {
  const broken = rowFailure(row);
  if (broken) return refuse(broken);
  const fields: Record<string, string> = {};
  const badIdentity = readIdentity(row, columns, fields, warnings);
  if (badIdentity) return refuse(badIdentity);
  const name = readText(cellOf(row, columns, "name"), nameCharsMax);
  if (!name.ok) return refuse(failure(name.refusal, headingFor(columns, "name")));
  if (name.value !== "") fields.name = name.value;
  const badText = copyText(row, columns, textFields, fields, warnings);
  if (badText) return refuse(badText);
  for (const [field, read] of dateFields) {
    const date = read(cellOf(row, columns, field));
    if (date.ok && date.value !== "") fields[field] = date.value;
    if (date.ok) continue;
    keepRaw(row, columns, field, fields);
    warnings.add("date-kept-as-text", row.row, headingFor(columns, field));
  }
  const opening = readBalance(row, columns, "balance");
  if (!opening.ok) return opening;
  const bonus = readBalance(row, columns, "bonusBalance");
  if (!bonus.ok) return bonus;
  return done({
    row: row.row,
    fields,
    openingFen: opening.value,
    openingBonusFen: bonus.value,
    spentFen: readControl(row, columns, fields, warnings),
    purchases: [],
  });
}

/** 累计消费 for people to see, where no purchases came to compare it with. */
export const spentBefore = (spentFen: number): string => formatYuan(spentFen).replaceAll(",", "");

function readIdentity(
  row: TableRow,
  columns: TableColumns,
  fields: Record<string, string>,
  warnings: WarningList,
): RowFailure | undefined {
  const card = readCard(cellOf(row, columns, "card"));
  if (!card.ok) return failure(card.refusal, headingFor(columns, "card"));
  const phone = readPhone(cellOf(row, columns, "phone"));
  const phoneHeading = headingFor(columns, "phone");
  if (card.value === "" && !phone.ok) return failure(phone.refusal, phoneHeading);
  if (card.value === "" && phone.ok && phone.value === "") return failure("no-card-or-phone");
  if (card.value !== "") fields.card = card.value;
  if (looksRounded(card.value)) {
    warnings.add("number-rounded", row.row, headingFor(columns, "card"));
  }
  if (phone.ok && phone.value !== "") fields.phone = phone.value;
  if (!phone.ok) {
    keepRaw(row, columns, "phone", fields);
    warnings.add(phone.refusal, row.row, phoneHeading);
  }
  return undefined;
}

function readBalance(
  row: TableRow,
  columns: TableColumns,
  field: "balance" | "bonusBalance",
): Result<number, RowFailure> {
  const amount = readAmount(cellOf(row, columns, field));
  if (!amount.ok) return refuse(failure(amount.refusal, headingFor(columns, field)));
  if (amount.value < 0) return refuse(failure("negative-balance", headingFor(columns, field)));
  return amount;
}

function readControl(
  row: TableRow,
  columns: TableColumns,
  fields: Record<string, string>,
  warnings: WarningList,
): number | undefined {
  const cell = cellOf(row, columns, "spent");
  if (cleanText(cell) === "") return undefined;
  const spent = readAmount(cell);
  if (spent.ok) return spent.value;
  keepRaw(row, columns, "spent", fields);
  warnings.add("control-not-readable", row.row, headingFor(columns, "spent"));
  return undefined;
}
