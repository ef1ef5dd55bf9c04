import {
  type FieldName,
  type FileKind,
  headingKey,
  headingsOf,
  rejectHeadings,
} from "./import-fields.ts";
import type { Table } from "./read-table.ts";
import { readAmount, readDate, readPhone } from "./read-values.ts";

export type ColumnTarget = FieldName | "keep" | "ignore";

/** Plain data, for people to correct. A column that is not named here is kept. */
export type ColumnMapping = Readonly<Record<number, ColumnTarget>>;

export interface ColumnGuess {
  /** undefined: a person must say, see `doubt` */
  kind: FileKind | undefined;
  mapping: ColumnMapping;
  doubt?: "top-up-list" | "no-known-heading";
}

/** Guesses what the file is and what its columns are, from the headings first, then from the values. */
export function guessColumns(table: Table): ColumnGuess {
  if (isTopUpList(table.headings)) return { kind: undefined, mapping: {}, doubt: "top-up-list" };
  const members = guessMapping(table, "members");
  const purchases = guessMapping(table, "purchases");
  const whole = checkMapping("purchases", purchases).length === 0;
  const lead = tellingFields(members) - tellingFields(purchases);
  if (whole && (lead <= 0 || namesTwice(table, purchases))) {
    return { kind: "purchases", mapping: purchases };
  }
  if (checkMapping("members", members).length === 0) return { kind: "members", mapping: members };
  return { kind: undefined, mapping: members, doubt: "no-known-heading" };
}

export function guessMapping(table: Table, kind: FileKind): ColumnMapping {
  const mapping: Record<number, ColumnTarget> = {};
  const keys = table.headings.map(headingKey);
  const samples = table.headings.map((_, column) => sampleOf(table, column));
  keys.forEach((key, column) => {
    const blank = samples[column]?.length === 0 && /^列\d+$/.test(key);
    if (blank || rejectKeys.has(key)) mapping[column] = "ignore";
  });
  for (const [field, headings] of Object.entries(headingsOf(kind)) as [FieldName, string[]][]) {
    const columns = headings
      .map((heading) => keys.indexOf(heading))
      .filter((column) => column >= 0 && mapping[column] === undefined);
    const fitting = columns.find((column) => fits(field, samples[column] ?? []));
    const column = fitting ?? columns[0];
    if (column !== undefined) mapping[column] = field === "serial" ? "ignore" : field;
  }
  guessByValues(table, samples, kind, mapping);
  table.headings.forEach((_, column) => {
    mapping[column] ??= "keep";
  });
  return mapping;
}

export type MappingFault =
  | {
      code:
        | "no-card-or-phone-column"
        | "no-amount-column"
        | "no-date-column"
        | "too-many-kept-columns";
    }
  | { code: "used-twice" | "not-for-this-file"; field: FieldName };

/** A member has room for 48 fields; some of them are ours. */
const keptColumnsMax = 40;

/**
 * What must be put right in a mapping before a dry run.
 * @param columns how many the file has: those that the mapping does not name are kept
 */
export function checkMapping(
  kind: FileKind,
  mapping: ColumnMapping,
  columns = Object.keys(mapping).length,
): MappingFault[] {
  const fields = Object.values(mapping).filter(isField);
  const has = (field: FieldName) => fields.includes(field);
  const faults: MappingFault[] = [];
  if (!has("card") && !has("phone")) faults.push({ code: "no-card-or-phone-column" });
  if (kind === "purchases" && !has("amount")) faults.push({ code: "no-amount-column" });
  if (kind === "purchases" && !has("at")) faults.push({ code: "no-date-column" });
  const ignored = Object.values(mapping).filter((target) => target === "ignore").length;
  if (columns - ignored > keptColumnsMax) faults.push({ code: "too-many-kept-columns" });
  for (const field of new Set(fields)) {
    if (!(field in headingsOf(kind))) faults.push({ code: "not-for-this-file", field });
    if (field !== "serial" && fields.filter((each) => each === field).length > 1) {
      faults.push({ code: "used-twice", field });
    }
  }
  return faults;
}

export const isField = (target: ColumnTarget): target is FieldName =>
  target !== "keep" && target !== "ignore";

const rejectKeys = new Set(
  Object.values(rejectHeadings)
    .flatMap((heading) => Object.values(heading))
    .map(headingKey),
);

/** A list of top-ups has balances and bonuses too, but a member in it once for every payment. */
function isTopUpList(headings: readonly string[]): boolean {
  const keys = headings.map(headingKey);
  return (
    keys.includes("充值金额") &&
    keys.some((key) => /^充值(日期|时间|方案)$/.test(key) || key === "单号")
  );
}

const sharedFields: readonly string[] = ["card", "phone", "name", "note", "serial"];

const tellingFields = (mapping: ColumnMapping): number =>
  Object.values(mapping).filter((target) => isField(target) && !sharedFields.includes(target))
    .length;

/** A list of members has each once; a list of purchases has the same one again. */
function namesTwice(table: Table, mapping: ColumnMapping): boolean {
  const column = columnOf(mapping, "card") ?? columnOf(mapping, "phone") ?? 0;
  return !varied(sampleOf(table, column));
}

function columnOf(mapping: ColumnMapping, field: FieldName): number | undefined {
  const found = Object.entries(mapping).find(([, target]) => target === field);
  return found && Number(found[0]);
}

function sampleOf(table: Table, column: number): string[] {
  const sample: string[] = [];
  for (const { cells } of table.rows) {
    const cell = cells[column] ?? "";
    if (cell !== "") sample.push(cell);
    if (sample.length === 200) break;
  }
  return sample;
}

/** Between two headings for one field, values decide: `消费日期` and a `消费时间` that is only a time. */
function fits(field: FieldName, sample: readonly string[]): boolean {
  if (sample.length === 0) return false;
  if (field === "at" || field === "openedOn" || field === "birthday") {
    return most(sample, (cell) => readDate(cell).ok);
  }
  if (field === "phone") return most(sample, isMobile);
  if (field === "amount" || field === "balance") return most(sample, (cell) => readAmount(cell).ok);
  return true;
}

const most = (sample: readonly string[], holds: (cell: string) => boolean): boolean =>
  sample.length > 0 && sample.filter(holds).length >= sample.length * 0.8;

function isMobile(cell: string): boolean {
  const phone = readPhone(cell);
  return phone.ok ? /^1[3-9]\d{9}$/.test(phone.value) : phone.refusal === "phone-rounded";
}

/** Only what cannot be anything else is guessed; a balance is never guessed from its looks. */
function guessByValues(
  table: Table,
  samples: readonly string[][],
  kind: FileKind,
  mapping: Record<number, ColumnTarget>,
): void {
  const claim = (
    field: FieldName,
    holds: (sample: readonly string[], column: number) => boolean,
  ) => {
    if (Object.values(mapping).includes(field)) return;
    const column = samples.findIndex(
      (sample, index) => mapping[index] === undefined && sample.length > 0 && holds(sample, index),
    );
    if (column >= 0) mapping[column] = field;
  };
  claim("phone", (sample) => most(sample, isMobile));
  claim("card", (sample, column) => holdsCards(table, sample, column, kind));
  if (kind === "members") {
    claim(
      "name",
      (sample) => most(sample, (cell) => /^\p{Script=Han}{2,4}$/u.test(cell)) && varied(sample),
    );
    claim("gender", (sample) => most(sample, (cell) => /^[男女]$/.test(cell)));
  } else {
    claim("at", (sample) => most(sample, (cell) => /[-/:年]/.test(cell) && readDate(cell).ok));
    claim("amount", (sample) => most(sample, (cell) => /^[￥¥]?[\d,]+\.\d\d$/.test(cell)));
  }
}

const varied = (sample: readonly string[]): boolean => new Set(sample).size > sample.length * 0.7;

/** Numbers of one width, each once among members and some again among purchases, that do not count. */
function holdsCards(
  table: Table,
  sample: readonly string[],
  column: number,
  kind: FileKind,
): boolean {
  const counts = table.rows.every(({ cells }, index) => Number(cells[column]) === index + 1);
  const once = new Set(sample).size === sample.length;
  return (
    !counts &&
    once === (kind === "members") &&
    new Set(sample.map((cell) => cell.length)).size === 1 &&
    most(sample, (cell) => /^[A-Za-z]{0,4}\d{4,19}$/.test(cell) && !isCompactDate(cell))
  );
}

const isCompactDate = (cell: string): boolean => cell.length === 8 && readDate(cell).ok;
