import { crc32 } from "node:zlib";
import type { OpenFile } from "./files.ts";
import { readAll } from "./whole-files.ts";

/**
 * An append-only file of records, each with its own checksum:
 * `"YBr1"` · length u32 · CRC-32 u32 · group u32 · from u32 · count u32 · payload; little-endian.
 * The checksum covers everything but itself. `group` is 0 for a record that stands alone, else the
 * number of the commit that it is a part of.
 */
export interface RecordHead {
  group: number;
  from: number;
  count: number;
}

export interface PlacedRecord extends RecordHead {
  /** of the record's first byte in the file */
  offset: number;
  /** of the payload in bytes */
  length: number;
}

export const recordHeadBytes = 24;
/** Payloads are pages of at most about a mebibyte; a length above this is damage. */
const payloadBytesMax = 4 * 1024 * 1024;

const magic = 0x31724259;
const scanBytes = 4 * 1024 * 1024;

export function encodeRecord(head: RecordHead, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(recordHeadBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, payload.length, true);
  view.setUint32(12, head.group, true);
  view.setUint32(16, head.from, true);
  view.setUint32(20, head.count, true);
  bytes.set(payload, recordHeadBytes);
  view.setUint32(8, checksum(bytes), true);
  return bytes;
}

/**
 * The record at `at` of a buffer.
 * @returns the record, `"short"` when the buffer ends before it does, `"bad"` when it is none
 */
export function decodeRecord(
  bytes: Uint8Array,
  at: number,
): { head: RecordHead; payload: Uint8Array } | "short" | "bad" {
  if (bytes.length - at < recordHeadBytes) return "short";
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, recordHeadBytes);
  const length = view.getUint32(4, true);
  if (view.getUint32(0, true) !== magic || length > payloadBytesMax) return "bad";
  const end = at + recordHeadBytes + length;
  if (end > bytes.length) return "short";
  if (view.getUint32(8, true) !== checksum(bytes.subarray(at, end))) return "bad";
  const head = {
    group: view.getUint32(12, true),
    from: view.getUint32(16, true),
    count: view.getUint32(20, true),
  };
  return { head, payload: bytes.subarray(at + recordHeadBytes, end) };
}

const checksum = (record: Uint8Array): number =>
  crc32(record.subarray(12), crc32(record.subarray(4, 8)));

export interface ScannedLog {
  /** bytes up to the end of the last good record */
  end: number;
  size: number;
  /** what follows is a write that a crash cut short: the beginning of a record, or nothing yet */
  isTorn: boolean;
  /** spans inside that are no records, though good ones follow */
  bad: { offset: number; length: number }[];
}

/** Reads a whole log in order; damaged spans are skipped to the next record with a right checksum. */
export async function scanLog(
  file: OpenFile,
  onRecord: (record: PlacedRecord, payload: Uint8Array) => void,
): Promise<ScannedLog> {
  const size = await file.size();
  const scanned: ScannedLog = { end: 0, size, isTorn: false, bad: [] };
  let start = 0;
  let window = await readAll(file, 0, Math.min(size, scanBytes));
  for (let offset = 0; offset < size; ) {
    let record = decodeRecord(window, offset - start);
    if (record === "short" && start + window.length < size) {
      start = offset;
      window = await readAll(file, start, Math.min(size - start, scanBytes + recordHeadBytes));
      record = decodeRecord(window, 0);
    }
    if (typeof record === "string") {
      offset = nextMagic(window, offset - start + 1) + start;
      continue;
    }
    if (offset > scanned.end)
      scanned.bad.push({ offset: scanned.end, length: offset - scanned.end });
    const { length } = record.payload;
    onRecord({ ...record.head, offset, length }, record.payload);
    offset += recordHeadBytes + length;
    scanned.end = offset;
  }
  const tail = await readAll(file, scanned.end, Math.min(size - scanned.end, payloadBytesMax * 2));
  scanned.isTorn = tail.length > 0 && isTorn(tail);
  if (tail.length > 0 && !scanned.isTorn)
    scanned.bad.push({ offset: scanned.end, length: size - scanned.end });
  return scanned;
}

/**
 * A record whose end is missing, or bytes that were never filled. A whole record with a wrong checksum
 * is something else: it may have been acknowledged.
 */
function isTorn(tail: Uint8Array): boolean {
  if (tail.every((byte) => byte === 0)) return true;
  const start = Uint8Array.of(0x59, 0x42, 0x72, 0x31).subarray(0, tail.length);
  return start.every((byte, at) => tail[at] === byte) && decodeRecord(tail, 0) === "short";
}

/** Where the next record may begin; near the end of the window when it shows none. */
function nextMagic(window: Uint8Array, from: number): number {
  for (let at = from; at + 4 <= window.length; at++)
    if (
      window[at] === 0x59 &&
      window[at + 1] === 0x42 &&
      window[at + 2] === 0x72 &&
      window[at + 3] === 0x31
    )
      return at;
  return Math.max(from, window.length - 3);
}
