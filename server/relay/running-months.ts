import {
  type DocumentName,
  journalDocument,
  splitJournalName,
} from "../../shared/documents/document-name.ts";
import { businessDateOf } from "../../shared/time/business-date.ts";

/**
 * The document that is being written for a store: this month's by the server's clock in the
 * organisation's time zone, and never an earlier one than the newest that there is.
 */
export function runningDocument(
  documents: Iterable<DocumentName>,
  at: { term: number; store: string; nowMs: number; timeZone: string },
): DocumentName {
  let month = businessDateOf(at.nowMs, at.timeZone).slice(0, 7);
  for (const name of documents) {
    const split = splitJournalName(name);
    if (split?.term === at.term && split.store === at.store && split.month > month)
      month = split.month;
  }
  return journalDocument(at.term, at.store, month);
}

/** Whether a document may still grow: the newest of its store in this term. */
export function isRunning(documents: Iterable<DocumentName>, name: DocumentName): boolean {
  const own = splitJournalName(name);
  if (!own) return true;
  for (const other of documents) {
    const split = splitJournalName(other);
    if (split?.term === own.term && split.store === own.store && split.month > own.month)
      return false;
  }
  return true;
}

const dayMs = 86_400_000;
/** A server that was put back may be behind what its clock said before, by days and not by years. */
const aheadMsMax = 32 * dayMs;
const behindMsMax = 3660 * dayMs;

/**
 * Whether a document of a month may be begun on somebody's word: one far ahead would be the running
 * one for ever, and one for every month there ever was would be more than a device can be told of.
 */
export function mayBegin(
  month: string,
  { nowMs, timeZone }: { nowMs: number; timeZone: string },
): boolean {
  const monthAt = (ms: number) => businessDateOf(ms, timeZone).slice(0, 7);
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) return false;
  return monthAt(nowMs - behindMsMax) <= month && month <= monthAt(nowMs + aheadMsMax);
}
