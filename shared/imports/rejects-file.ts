import { rejectHeadings } from "./import-fields.ts";
import type { Language } from "./import-messages.ts";
import { importMessages } from "./import-messages.ts";
import type { Reject } from "./import-plan.ts";

export interface RejectsFile {
  /** of the file that the rejects come from */
  headings: readonly string[];
  rejects: readonly Reject[];
  language: Language;
}

/**
 * Rejected rows as CSV: where each stood and why it was refused, then its cells as they were. Put right
 * and dropped in again it is read like the original; the first two columns are then ignored.
 */
export function writeRejects({ headings, rejects, language }: RejectsFile): string {
  const top = [rejectHeadings.row[language], rejectHeadings.reason[language], ...headings];
  const lines = rejects.map(({ row, reason, column, cells }) => {
    const message = importMessages[reason][language];
    return [String(row), column === undefined ? message : `${column}: ${message}`, ...cells];
  });
  return `\uFEFF${[top, ...lines].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("")}`;
}

/** A cell that a spreadsheet would run as a formula gets a `'` before it, which reading takes off. */
function csvCell(text: string): string {
  const safe = /^(?:[=+\-@\t\r]|'+[=+\-@\d])/.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
