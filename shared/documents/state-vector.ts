import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { type DocumentName, writerOf } from "./document-name.ts";

const entriesMax = 64;

/**
 * How many elements of the document the sender has, read from a Yjs state vector.
 * @returns undefined for bytes that are no state vector within our caps
 */
export function readStateVector(name: DocumentName, bytes: Uint8Array): number | undefined {
  if (bytes.length > entriesMax * 16) return undefined;
  try {
    const decoder = decoding.createDecoder(bytes);
    const entries = decoding.readVarUint(decoder);
    if (entries > entriesMax) return undefined;
    let length = 0;
    for (let index = 0; index < entries; index++) {
      const writer = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      if (writer === writerOf(name)) length = clock;
    }
    return decoding.hasContent(decoder) ? undefined : length;
  } catch {
    return undefined;
  }
}

export function writeStateVector(name: DocumentName, length: number): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, length === 0 ? 0 : 1);
  if (length > 0) {
    encoding.writeVarUint(encoder, writerOf(name));
    encoding.writeVarUint(encoder, length);
  }
  return encoding.toUint8Array(encoder);
}
