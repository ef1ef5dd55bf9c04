export type Delimiter = "," | "\t" | ";";

/**
 * CSV text → records of cells, blank ones included, so that a record's index is its row in a
 * spreadsheet. Written here because a stray quote must not swallow the members that follow it: a cell
 * that opens a quote and does not close it within `linesPerCellMax` line ends is taken as it stands.
 * (It also keeps the Node types that papaparse's declarations bring out of `shared/`; the tests use
 * papaparse as the oracle.)
 */
export function parseCsv(text: string, delimiter: Delimiter, recordsMax = Infinity): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  let at = 0;
  let literalLine = false;
  while (at < text.length || cells.length > 0) {
    const quoted: QuotedCell | undefined =
      !literalLine && text[at] === '"' ? readQuoted(text, at, delimiter) : undefined;
    if (!quoted && text[at] === '"') literalLine = true;
    const end = quoted?.end ?? endOfCell(text, at, delimiter);
    cells.push(quoted?.cell ?? text.slice(at, end));
    if (text[end] === delimiter) {
      at = end + 1;
      continue;
    }
    records.push(cells);
    if (records.length >= recordsMax) break;
    cells = [];
    literalLine = false;
    at = end + (text[end] === "\r" && text[end + 1] === "\n" ? 2 : 1);
  }
  return records;
}

const linesPerCellMax = 40;
const charsPerCellMax = 100_000;

interface QuotedCell {
  cell: string;
  end: number;
}

/** @returns the cell and where it ends, or undefined when its quote is not closed in time */
function readQuoted(text: string, start: number, delimiter: Delimiter): QuotedCell | undefined {
  let cell = "";
  let from = start + 1;
  const limit = Math.min(text.length, start + charsPerCellMax);
  for (let at = from, lines = 0; at < limit; at++) {
    const char = text[at];
    if (isLineEnd(char) && ++lines > linesPerCellMax) return undefined;
    if (char !== '"') continue;
    if (text[at + 1] === '"') {
      cell += text.slice(from, ++at);
      from = at + 1;
      continue;
    }
    const end = skipSpaces(text, at + 1);
    if (end >= text.length || text[end] === delimiter || isLineEnd(text[end])) {
      return { cell: cell + text.slice(from, at), end };
    }
  }
  return undefined;
}

function endOfCell(text: string, start: number, delimiter: Delimiter): number {
  let at = start;
  while (at < text.length && text[at] !== delimiter && !isLineEnd(text[at])) at++;
  return at;
}

function skipSpaces(text: string, start: number): number {
  let at = start;
  while (text[at] === " ") at++;
  return at;
}

const isLineEnd = (char: string | undefined): boolean => char === "\n" || char === "\r";
