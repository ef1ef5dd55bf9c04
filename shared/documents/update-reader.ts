import * as decoding from "lib0/decoding";
import { operationLengthMax } from "../journal/operation.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { type DocumentName, writerOf } from "./document-name.ts";
import { rootElementsMax, rootOf, writeUpdate } from "./update-writer.ts";

/** Bytes of one update on the wire or of one stored page. */
const updateBytesMax = 1024 * 1024 + 4096;
/** One element in bytes of UTF-8. */
const elementBytesMax = operationLengthMax * 3;
/** Clocks below this can be counted on: far more than any month has, far below 2^53. */
const clockMax = 2 ** 40;

export type UpdateFault =
  | "too-large"
  | "not-an-update"
  | "foreign-writer"
  | "foreign-structure"
  | "deletes"
  | "not-canonical";

export interface ReadUpdate {
  /** clock of the first element */
  from: number;
  elements: string[];
}

const contentAny = 8;
const anyString = 119;

/**
 * The guarded reader: accepts only what `writeUpdate` writes for this document — one section of its
 * one writer, strings pushed at the end of the right root, no deletes, no byte more — and proves it
 * by writing the result again. Nothing else reaches Yjs or the folds.
 */
export function readUpdate(name: DocumentName, bytes: Uint8Array): Result<ReadUpdate, UpdateFault> {
  if (bytes.length > updateBytesMax) return refuse("too-large");
  try {
    return readSection(name, bytes);
  } catch {
    return refuse("not-an-update");
  }
}

function readSection(name: DocumentName, bytes: Uint8Array): Result<ReadUpdate, UpdateFault> {
  const decoder = decoding.createDecoder(bytes);
  const sections = decoding.readVarUint(decoder);
  // Zero can be written longer than it is.
  if (sections === 0)
    return bytes.length === 2 && decoding.readVarUint(decoder) === 0
      ? done({ from: 0, elements: [] })
      : refuse("deletes");
  if (sections !== 1) return refuse("foreign-structure");
  const structs = decoding.readVarUint(decoder);
  const writer = writerOf(name);
  if (decoding.readVarUint(decoder) !== writer) return refuse("foreign-writer");
  const from = decoding.readVarUint(decoder);
  if (from > clockMax) return refuse("too-large");
  const elements: string[] = [];
  for (let index = 0; index < structs; index++) {
    const start = from + elements.length;
    const length = readStructHead(decoder, writer, start);
    if (length === undefined) return refuse("foreign-structure");
    for (let at = 0; at < length; at++) {
      if (decoding.readUint8(decoder) !== anyString) return refuse("foreign-structure");
      if (decoding.peekVarUint(decoder) > elementBytesMax) return refuse("too-large");
      elements.push(decoding.readVarString(decoder));
    }
  }
  if (decoding.readVarUint(decoder) !== 0) return refuse("deletes");
  return sameBytes(writeUpdate(name, from, elements), bytes)
    ? done({ from, elements })
    : refuse("not-canonical");
}

/** @returns how many elements the struct pushes, or undefined when it is not one of ours */
function readStructHead(
  decoder: decoding.Decoder,
  writer: number,
  start: number,
): number | undefined {
  const info = decoding.readUint8(decoder);
  if (start % rootElementsMax === 0) {
    if (info !== contentAny || decoding.readVarUint(decoder) !== 1) return undefined;
    if (decoding.readVarString(decoder) !== rootOf(start)) return undefined;
  } else {
    if (info !== (contentAny | 0x80)) return undefined;
    if (decoding.readVarUint(decoder) !== writer) return undefined;
    if (decoding.readVarUint(decoder) !== start - 1) return undefined;
  }
  const length = decoding.readVarUint(decoder);
  return length > 0 && length <= rootElementsMax - (start % rootElementsMax) ? length : undefined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
