import { done, type Result, refuse } from "../outcome/result.ts";
import { isKnownHeading } from "./import-fields.ts";
import { type Delimiter, parseCsv } from "./parse-csv.ts";

export type RowFault = "wrong-cell-count" | "quote-left-open";

export interface TableRow {
  /** as a spreadsheet counts, the first line of the file being 1 */
  row: number;
  cells: string[];
  fault?: RowFault;
}

export interface Table {
  /** one per column, none blank, none twice */
  headings: string[];
  rows: TableRow[];
  delimiter: Delimiter;
  /** false: the file starts with data and the headings were made up */
  hasHeadings: boolean;
}

export type TableFault = "no-rows" | "too-many-columns";

export interface TableOptions {
  delimiter?: Delimiter;
  hasHeadings?: boolean;
}

const importColumnsMax = 200;
const headingCharsMax = 60;

/** Text of a file → headings and rows. Options are what a person corrected. */
export function readTable(text: string, options: TableOptions = {}): Result<Table, TableFault> {
  const named = /^\uFEFF?sep=([,;\t])\r?\n/i.exec(text)?.[1] as Delimiter | undefined;
  const delimiter = options.delimiter ?? named ?? guessDelimiter(text);
  const records = parseCsv(text.replace(/^\uFEFF/, ""), delimiter)
    .map((cells, index): TableRow => ({ row: index + 1, cells: cells.map(cleanCell) }))
    .slice(named ? 1 : 0)
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const top = records[headingIndex(records)];
  if (!top) return refuse("no-rows");
  const hasHeadings = options.hasHeadings ?? looksLikeHeadings(top.cells);
  const rows = hasHeadings ? records.filter(({ row }) => row > top.row) : records;
  if (rows.length === 0) return refuse("no-rows");
  const titles = hasHeadings ? withoutBlankEnd(top.cells, rows) : top.cells.map(() => "");
  if (titles.length > importColumnsMax) return refuse("too-many-columns");
  const headings = uniqueHeadings(titles);
  return done({
    headings,
    delimiter,
    hasHeadings,
    rows: rows.map((row) => fitRow(row, headings.length, top.cells.length, delimiter)),
  });
}

/**
 * Trims; takes off what tills and spreadsheets put round a number to keep its zeros (`="00012"`,
 * `'00012`) and what our own rejects file puts before a formula.
 */
export function cleanCell(raw: string): string {
  const text = trimmed(raw);
  const formula = /^="(.*)"$/s.exec(text)?.[1];
  if (formula !== undefined) return trimmed(formula.replaceAll('""', '"'));
  return text.replace(/^'(?='*[=+\-@\d])/, "");
}

const trimmed = (text: string): string =>
  text.replace(/^[\s\u200B\uFEFF]+|[\s\u200B\uFEFF]+$/g, "");

const delimiters: readonly Delimiter[] = [",", "\t", ";"];

/** The delimiter that cuts the first lines into the most cells, the most evenly. */
function guessDelimiter(text: string): Delimiter {
  let best: Delimiter = ",";
  let bestScore = 1;
  for (const delimiter of delimiters) {
    const widths = parseCsv(text.slice(0, 200_000), delimiter, 40)
      .filter((cells) => cells.some((cell) => cell.trim() !== ""))
      .map((cells) => cells.length);
    const width = commonest(widths);
    const score = (width * widths.filter((each) => each === width).length) / widths.length;
    if (width > 1 && score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

/** Above the headings there may be a title line, told by its few filled cells. */
function headingIndex(records: readonly TableRow[]): number {
  const first = records.slice(0, 10);
  const filled = first.map(({ cells }) => cells.filter((cell) => cell !== "").length);
  const width = commonest(first.map(({ cells }) => cells.length));
  const index = filled.findIndex((count) => count * 2 >= width);
  return Math.max(0, index);
}

function commonest(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || b - a)[0]?.[0] ?? 0;
}

const looksLikeHeadings = (cells: readonly string[]): boolean =>
  cells.some(isKnownHeading) || !cells.some((cell) => /\d{3}|\d[.:/-]\d/.test(cell));

/** Columns at the end that have neither a heading nor a value are a trailing comma's. */
function withoutBlankEnd(titles: readonly string[], rows: readonly TableRow[]): string[] {
  const fitting = rows.filter(({ cells }) => cells.length === titles.length);
  const last = titles.findLastIndex(
    (title, index) => title !== "" || fitting.some(({ cells }) => cells[index] !== ""),
  );
  return titles.slice(0, last + 1);
}

function uniqueHeadings(titles: readonly string[]): string[] {
  const used = new Set<string>();
  return titles.map((title, index) => {
    const name = [...title].slice(0, headingCharsMax).join("") || `列 ${index + 1}`;
    let unique = name;
    for (let copy = 2; used.has(unique); copy++) unique = `${name} (${copy})`;
    used.add(unique);
    return unique;
  });
}

/**
 * A row is as long as the heading line or at fault, even when what it has too much is blank: a comma in
 * a name shifts the balance into the next column and may leave nothing but a blank at the end.
 */
function fitRow(
  { row, cells }: TableRow,
  columns: number,
  width: number,
  delimiter: Delimiter,
): TableRow {
  if (cells.some((cell) => holdsRows(cell, columns, delimiter))) {
    return { row, cells, fault: "quote-left-open" };
  }
  if (cells.length !== width) return { row, cells, fault: "wrong-cell-count" };
  return { row, cells: cells.slice(0, columns) };
}

/** A cell with a line break and a row's worth of delimiters is two rows joined by stray quotes. */
const holdsRows = (cell: string, columns: number, delimiter: Delimiter): boolean =>
  columns > 1 && /[\r\n]/.test(cell) && cell.split(delimiter).length >= columns;
