import * as encoding from "lib0/encoding";
import { type DocumentName, writerOf } from "./document-name.ts";

/** A new root array begins every so many elements: Yjs's push is linear in the run. */
export const rootElementsMax = 30_000;

const contentAny = 8;
const hasOrigin = 0x80;

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
  const encoder = encoding.createEncoder();
  if (elements.length === 0) {
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarUint(encoder, 0);
    return encoding.toUint8Array(encoder);
  }
  const writer = writerOf(name);
  const cuts = cutsAtRoots(from, elements.length);
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, cuts.length);
  encoding.writeVarUint(encoder, writer);
  encoding.writeVarUint(encoder, from);
  for (const { start, length } of cuts) {
    if (start % rootElementsMax === 0) {
      encoding.writeUint8(encoder, contentAny);
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarString(encoder, rootOf(start));
    } else {
      encoding.writeUint8(encoder, contentAny | hasOrigin);
      encoding.writeVarUint(encoder, writer);
      encoding.writeVarUint(encoder, start - 1);
    }
    encoding.writeVarUint(encoder, length);
    for (let at = start; at < start + length; at++)
      encoding.writeAny(encoder, elements[at - from] as string);
  }
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
}

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
