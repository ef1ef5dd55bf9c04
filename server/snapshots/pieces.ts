import type { DocumentName } from "../../shared/documents/document-name.ts";
import { readUpdate } from "../../shared/documents/update-reader.ts";
import { elementsText, type Finding } from "./finding.ts";
import type { BlobPage, SnapshotDocument } from "./manifest.ts";
import { type SnapshotFolder, sha256Hex } from "./snapshot-folder.ts";
import type { DocumentSource } from "./write-document.ts";

/** A stretch of a document: its elements, or what is wrong with it. */
export type Piece =
  | { from: number; elements: string[] }
  | { from: number; count: number; damage: Finding };

const readMost = 1000;

/** A document of a snapshot, page by page; what is damaged is named and passed over. */
export async function* piecesOfSnapshot(
  folder: SnapshotFolder,
  { name, elements, pages }: SnapshotDocument,
): AsyncGenerator<Piece> {
  let at = 0;
  for (const page of pages) {
    if (page.from !== at) {
      const what = `page at ${page.from} does not follow element ${at}`;
      yield { from: at, count: 0, damage: { where: name, document: name, what } };
    }
    yield await readPage(folder, name, page);
    at = page.from + page.count;
  }
  if (at !== elements) {
    const what = `its pages hold ${at} of ${elements} elements`;
    yield { from: at, count: 0, damage: { where: name, document: name, what } };
  }
}

async function readPage(
  folder: SnapshotFolder,
  name: DocumentName,
  page: BlobPage,
): Promise<Piece> {
  const { from, count } = page;
  const blob = await readNamedBlob(folder, page);
  let fault = blob.fault;
  if (blob.bytes) {
    const read = readUpdate(name, blob.bytes);
    if (read.ok && read.value.from === from && read.value.elements.length === count)
      return { from, elements: read.value.elements };
    fault = read.ok ? "holds other elements than the manifest says" : `is ${read.refusal}`;
  }
  const last = from + count - 1;
  const damage = {
    where: `blobs/${page.sha256}`,
    what: `${fault}: ${elementsText(from, last)} of ${name}`,
    blob: page.sha256,
    document: name,
    elements: { first: from, last },
  };
  return { from, count, damage };
}

/** A blob, rehashed. */
export async function readNamedBlob(
  folder: SnapshotFolder,
  { sha256, bytes: expected }: BlobPage,
): Promise<{ bytes: Uint8Array; fault?: undefined } | { bytes?: undefined; fault: string }> {
  const bytes = await folder.readBlob(sha256);
  if (!bytes) return { fault: "is missing" };
  if (bytes.length !== expected) return { fault: `has ${bytes.length} of ${expected} bytes` };
  if (sha256Hex(bytes) !== sha256) {
    folder.distrust(sha256);
    return { fault: "was changed" };
  }
  return { bytes };
}

/** A document of a store that is in use; a record that cannot be read is narrowed down and passed over. */
export async function* piecesOfStore(
  source: DocumentSource,
  name: DocumentName,
  length: number,
): AsyncGenerator<Piece> {
  let lost: { from: number; count: number; why: string } | undefined;
  for (const span of spans(length)) {
    for await (const part of readSpan(source, name, span)) {
      if (part.elements) {
        if (lost) yield damaged(name, lost);
        lost = undefined;
        yield { from: part.from, elements: part.elements };
      } else if (lost) lost.count += part.count;
      else lost = { from: part.from, count: part.count, why: part.why };
    }
  }
  if (lost) yield damaged(name, lost);
}

function* spans(length: number): Generator<{ from: number; count: number }> {
  for (let from = 0; from < length; from += readMost)
    yield { from, count: Math.min(readMost, length - from) };
}

type Part =
  | { from: number; elements: string[] }
  | { from: number; elements?: undefined; count: number; why: string };

async function* readSpan(
  source: DocumentSource,
  name: DocumentName,
  { from, count }: { from: number; count: number },
): AsyncGenerator<Part> {
  let why = "cannot be read";
  try {
    const elements = await source.read(name, from, count);
    if (elements.length === count) return yield { from, elements };
  } catch (error) {
    why = error instanceof Error ? error.message : why;
  }
  if (count === 1) return yield { from, count, why };
  const half = count >> 1;
  yield* readSpan(source, name, { from, count: half });
  yield* readSpan(source, name, { from: from + half, count: count - half });
}

function damaged(
  name: DocumentName,
  { from, count, why }: { from: number; count: number; why: string },
): Piece {
  const last = from + count - 1;
  const damage = {
    where: name,
    what: `${elementsText(from, last)} cannot be read: ${why}`,
    document: name,
    elements: { first: from, last },
  };
  return { from, count, damage };
}
