import { type DocumentName, splitJournalName } from "../../shared/documents/document-name.ts";
import { type CanonicalValue, canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import { isRunning } from "../relay/running-months.ts";
import {
  type ClosedMonth,
  fileOfMonth,
  isClosedBy,
  readClosedMonth,
  signClosedMonth,
  writeClosedMonth,
} from "./closed-month.ts";
import type { BlobPage, SnapshotDocument } from "./manifest.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import type { PageMemory, WrittenPage } from "./write-document.ts";

export interface ClosedMonthsDeps {
  folder: SnapshotFolder;
  /** this server's identity, by which records are signed */
  source: { device: string; signer: Signer };
  memory: PageMemory;
}

/** What closed months are found to be, for whoever raises alarms. */
export type MonthFault =
  | { kind: "record-damaged"; file: string }
  /** what it lacks, a device that has it brings back */
  | { kind: "month-shorter"; document: DocumentName; what: string }
  /** it holds something that was not there: nobody may write on until somebody has looked */
  | { kind: "month-changed"; document: DocumentName; what: string };

/**
 * Takes the segments of closed months into the memory of pages, so that they need not be read again.
 * @returns the records by document, and those that are not as this server wrote them
 */
export async function recallMonths({
  folder,
  source,
  memory,
}: ClosedMonthsDeps): Promise<{ records: Map<DocumentName, ClosedMonth>; faults: MonthFault[] }> {
  const records = new Map<DocumentName, ClosedMonth>();
  const faults: MonthFault[] = [];
  for (const file of await folder.closedMonths()) {
    const month = readClosedMonth((await folder.closedMonthText(file)) ?? "");
    const isNamed = month !== undefined && fileOfMonth(month.document.name) === file;
    // Of a server before this one: its documents have other names, and are read as any other.
    if (isNamed && month.server !== source.device) continue;
    if (!isNamed || !(await isClosedBy(month, source.signer))) {
      faults.push({ kind: "record-damaged", file });
      continue;
    }
    records.set(month.document.name, month);
    memory.set(month.document.name, writtenPages(month));
  }
  return { records, faults };
}

/** The heads and members of the whole month stand at its last segment. */
function writtenPages({ document, members }: ClosedMonth): WrittenPage[] {
  const heads = new Map(Object.entries(document.heads) as [ChainId, WrittenHead][]);
  const last = document.pages.length - 1;
  return document.pages.map((page, at) =>
    at < last
      ? { page, heads: new Map(), members: [] }
      : { page, heads, members: members as [MemberId, string][] },
  );
}

type WrittenHead = WrittenPage["heads"] extends ReadonlyMap<ChainId, infer Head> ? Head : never;

/** Months that are not as long as their record says are forgotten: they are read as they are now. */
export function forgetChangedMonths(
  records: ReadonlyMap<DocumentName, ClosedMonth>,
  lengths: readonly { name: string; length: number }[],
  memory: PageMemory,
): MonthFault[] {
  const lengthByName = new Map(lengths.map(({ name, length }) => [name, length]));
  return [...records].flatMap(([document, month]): MonthFault[] => {
    const length = lengthByName.get(document) ?? 0;
    const { elements } = month.document;
    if (length === elements) return [];
    memory.delete(document);
    const what = `was closed with ${elements} elements and has ${length}`;
    return [{ kind: length < elements ? "month-shorter" : "month-changed", document, what }];
  });
}

/** Months that were read again, because a segment was lost, must come to the same segments. */
export function compareMonths(
  records: ReadonlyMap<DocumentName, ClosedMonth>,
  documents: readonly SnapshotDocument[],
): MonthFault[] {
  return documents.flatMap(({ name, elements, pages }): MonthFault[] => {
    const closed = records.get(name)?.document;
    if (!closed || closed.elements !== elements || textOf(pages) === textOf(closed.pages))
      return [];
    const what = "does not come to the segments with which it was closed";
    return [{ kind: "month-changed", document: name, what }];
  });
}

const textOf = (pages: readonly BlobPage[]): string =>
  canonicalJson(pages as unknown as CanonicalValue);

export interface WrittenMonth {
  document: SnapshotDocument;
  members: [MemberId, string][];
}

/**
 * Closes months that are over: those after which their store has a later one. Called when a manifest
 * that names their segments is durable. What has a record, whatever it says, is never closed again.
 * @throws StoreFault; each month is closed or not, and the next snapshot goes on
 */
export async function closeMonths(
  { folder, source }: ClosedMonthsDeps,
  written: readonly WrittenMonth[],
  { organisation, term }: { organisation: string; term: number },
): Promise<void> {
  const closed = new Set(await folder.closedMonths());
  const names = written.map(({ document }) => document.name);
  for (const { document, members } of written) {
    const file = fileOfMonth(document.name);
    if (file === undefined || closed.has(file) || document.elements === 0) continue;
    if (splitJournalName(document.name)?.term !== term || isRunning(names, document.name)) continue;
    const month = await signClosedMonth(
      {
        format: "youbei-closed-month",
        version: 1,
        organisation,
        term,
        server: source.device,
        document,
        members,
      },
      source.signer,
    );
    await folder.writeClosedMonth(file, writeClosedMonth(month));
  }
}
