import { ByteWriter } from "./byte-writer.ts";
import { type DocumentName, writerOf } from "./document-name.ts";

/** A new root array begins every so many elements: Yjs's push is linear in the run. */
export const rootElementsMax = 30_000;

const contentAny = 8;
const hasOrigin = 0x80;
const anyString = 119;

/** The root array that holds the element at `clock`. */
export const rootOf = (clock: number): string => String(Math.floor(clock / rootElementsMax));

/**
 * The Yjs update (v1) that pushes `elements` as elements `from…` of a document.
 * Byte for byte what Yjs itself encodes for the same pushes, so that any Yjs tool opens it.
 * @param from clock of the first element: the number of elements before it
 */
export function writeUpdate(
  name: DocumentName,
  from: number,
  elements: readonly string[],
): Uint8Array<ArrayBuffer> {
  if (elements.length === 0) return Uint8Array.of(0, 0);
  const writer = writerOf(name);
  const cuts = cutsAtRoots(from, elements.length);
  const lengths = elements.map((text) => text.length);
  // For ASCII, and room besides for the last to be encoded in.
  const room = lengths.reduce((sum, length) => sum + length + 8, 64) + 2 * longestOf(lengths);
  const bytes = new ByteWriter(room);
  bytes.count(1);
  bytes.count(cuts.length);
  bytes.count(writer);
  bytes.count(from);
  for (const { start, length } of cuts) {
    if (start % rootElementsMax === 0) {
      bytes.byte(contentAny);
      bytes.count(1);
      bytes.text(rootOf(start));
    } else {
      bytes.byte(contentAny | hasOrigin);
      bytes.count(writer);
      bytes.count(start - 1);
    }
    bytes.count(length);
    for (let at = start; at < start + length; at++) {
      bytes.byte(anyString);
      bytes.text(elements[at - from] as string);
    }
  }
  bytes.count(0);
  return bytes.written();
}

const longestOf = (lengths: readonly number[]): number =>
  lengths.reduce((longest, length) => Math.max(longest, length), 0);

function cutsAtRoots(from: number, length: number): { start: number; length: number }[] {
  const cuts: { start: number; length: number }[] = [];
  for (let start = from; start < from + length; ) {
    const end = Math.min(
      from + length,
      (Math.floor(start / rootElementsMax) + 1) * rootElementsMax,
    );
    cuts.push({ start, length: end - start });
    start = end;
  }
  return cuts;
}
