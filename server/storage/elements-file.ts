import { type DocumentName, isDocumentName } from "../../shared/documents/document-name.ts";
import { readUpdate } from "../../shared/documents/update-reader.ts";
import { rootElementsMax, writeUpdate } from "../../shared/documents/update-writer.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import type { DocumentIndex } from "./document-index.ts";
import type { OpenFile } from "./files.ts";
import { decodeRecord, encodeRecord, type PlacedRecord, recordHeadBytes } from "./record-log.ts";
import { readAll } from "./whole-files.ts";

/** Characters of one record's elements, so that its update stays below a mebibyte. */
const recordLengthMax = 300_000;
const readBytesMax = 1024 * 1024;

/** `journal/1/shop/2026-11` → the path of its file below the store's folder. */
export const fileOfDocument = (name: DocumentName): string => `documents/${name}.records`;

export function documentOfFile(path: string): DocumentName | undefined {
  const name = /^documents\/(.+)\.records$/.exec(path)?.[1];
  return name !== undefined && isDocumentName(name) ? name : undefined;
}

/** Elements as records, each a Yjs update of one struct that can be served as it is. */
export function encodeElements(
  name: DocumentName,
  from: number,
  elements: readonly string[],
  group: number,
): { bytes: Uint8Array<ArrayBuffer>; record: Omit<PlacedRecord, "offset"> }[] {
  const records = [];
  for (let at = 0; at < elements.length; ) {
    const count = elementsOfRecord(from + at, elements, at);
    const payload = writeUpdate(name, from + at, elements.slice(at, at + count));
    const head = { group, from: from + at, count };
    records.push({
      bytes: encodeRecord(head, payload),
      record: { ...head, length: payload.length },
    });
    at += count;
  }
  return records;
}

/** How many records `encodeElements` makes of these elements. */
export function countRecords(from: number, elements: readonly string[]): number {
  let records = 0;
  for (let at = 0; at < elements.length; records++) at += elementsOfRecord(from + at, elements, at);
  return records;
}

function elementsOfRecord(clock: number, elements: readonly string[], at: number): number {
  const root = rootElementsMax - (clock % rootElementsMax);
  let length = 0;
  let count = 0;
  while (count < root && at + count < elements.length) {
    length += elements[at + count]?.length ?? 0;
    if (count > 0 && length > recordLengthMax) break;
    count++;
  }
  return count;
}

/** A record's elements, decoded. */
export interface ReadRecord {
  /** clock of the first */
  from: number;
  elements: readonly string[];
}

/**
 * Reads elements back, a mebibyte at a time, checksums and encoding checked.
 * @returns the elements, and the whole of the last record that some of them came from
 * @throws StoreFault when a record does not read as it was written
 */
export async function readElements(
  name: DocumentName,
  file: OpenFile,
  index: DocumentIndex,
  from: number,
  most: number,
): Promise<{ elements: string[]; last: ReadRecord | undefined }> {
  const elements: string[] = [];
  let lastRead: ReadRecord | undefined;
  const end = Math.min(index.length, from + most);
  for (let clock = from; clock < end; ) {
    const found = index.find(clock);
    if (!found) break;
    const records = neighbours(index, found.at, end);
    const first = records[0] as PlacedRecord;
    const last = records.at(-1) as PlacedRecord;
    const bytes = await readAll(
      file,
      first.offset,
      last.offset + recordHeadBytes + last.length - first.offset,
    );
    for (const record of records) {
      const part = elementsOf(name, bytes, record, first.offset);
      for (const element of part.slice(clock - record.from, end - record.from))
        elements.push(element);
      lastRead = { from: record.from, elements: part };
      clock = Math.min(end, record.from + record.count);
    }
  }
  return { elements, last: lastRead };
}

/** Records that lie beside each other in the file, about as much as is read at once. */
function neighbours(index: DocumentIndex, at: number, end: number): PlacedRecord[] {
  const records: PlacedRecord[] = [];
  let bytes = 0;
  for (let next = index.at(at); next && next.from < end; next = index.at(at + records.length)) {
    const last = records.at(-1);
    const follows =
      !last ||
      (next.offset === last.offset + recordHeadBytes + last.length &&
        next.from === last.from + last.count);
    if (!follows || (last && bytes + next.length > readBytesMax)) break;
    records.push(next);
    bytes += next.length + recordHeadBytes;
  }
  return records;
}

function elementsOf(
  name: DocumentName,
  bytes: Uint8Array,
  record: PlacedRecord,
  start: number,
): string[] {
  const decoded = decodeRecord(bytes, record.offset - start);
  const read = typeof decoded === "string" ? undefined : readUpdate(name, decoded.payload);
  if (!read?.ok || read.value.elements.length !== record.count)
    throw new StoreFault("broken", `${name}: elements from ${record.from} are damaged on disk`);
  return read.value.elements;
}
