import { done, type Result, refuse } from "../outcome/result.ts";

export type TextEncoding = "utf-8" | "gb18030" | "utf-16le" | "utf-16be";
export const textEncodings: readonly TextEncoding[] = ["utf-8", "gb18030", "utf-16le", "utf-16be"];

export interface DecodedText {
  text: string;
  encoding: TextEncoding;
  /** "damaged-text": the characters were lost before the file came here, or the encoding is wrong. */
  warnings: "damaged-text"[];
}

export type DecodeFault =
  | "empty-file"
  | "file-too-large"
  | "spreadsheet-file"
  | "database-file"
  | "web-page-file"
  | "binary-file"
  | "unknown-encoding";

export const importBytesMax = 64 * 1024 * 1024;

/**
 * Bytes of a file → text. A byte order mark decides; else strict UTF-8; else strict GB18030 (of which
 * GBK and GB2312 are parts).
 * @param forced the encoding that a person chose; then unreadable bytes become U+FFFD and a warning
 */
export function decodeText(
  bytes: Uint8Array,
  forced?: TextEncoding,
): Result<DecodedText, DecodeFault> {
  if (bytes.length === 0) return refuse("empty-file");
  if (bytes.length > importBytesMax) return refuse("file-too-large");
  const marked = markedEncoding(bytes);
  const binary = binaryKind(bytes, forced ?? marked);
  if (binary) return refuse(binary);
  const candidates = forced ? [forced] : marked ? [marked] : (["utf-8", "gb18030"] as const);
  for (const encoding of candidates) {
    const text = decodeAs(bytes, encoding, forced === undefined);
    if (text === undefined) continue;
    if (text.trim() === "") return refuse("empty-file");
    if (webPage.test(text.slice(0, 1000))) return refuse("web-page-file");
    return done({ text, encoding, warnings: looksDamaged(text) ? ["damaged-text"] : [] });
  }
  return refuse("unknown-encoding");
}

const webPage = /^\s*(<!doctype html|<html|<head|<meta|<table|<\?xml)/i;

/**
 * Marks of text that was read in the wrong encoding and saved again:
 * U+FFFD itself; "锟斤拷" (U+FFFD in UTF-8, read as GBK); "烫烫烫" and "屯屯屯" (unset memory);
 * UTF-8 read as Latin-1 ("ä¼šå‘˜"); UTF-8 read as GBK, told by what the usual headings turn into;
 * characters of the private use area, where GBK puts what no font shows.
 */
const damage =
  /\uFFFD|锟斤拷|é”Ÿæ–¤|烫烫烫|屯屯屯|[äåæçèé][\u0080-\u00BF\u0152-\u017E\u2010-\u203A\u20AC\u2122]{2}|浼氬憳|鍗″彿|濮撳悕|鎵嬫満|鍚嶇О|鐢佃瘽|浣欓|娑堣垂|[\uE000-\uF8FF]/;

const looksDamaged = (text: string): boolean => damage.test(text);

function markedEncoding(bytes: Uint8Array): TextEncoding | undefined {
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return "utf-8";
  if (startsWith(bytes, [0xff, 0xfe])) return "utf-16le";
  if (startsWith(bytes, [0xfe, 0xff])) return "utf-16be";
  return undefined;
}

function binaryKind(bytes: Uint8Array, encoding?: TextEncoding): DecodeFault | undefined {
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0])) return "spreadsheet-file";
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) return "spreadsheet-file";
  if (startsWith(bytes, [0x00, 0x01, 0x00, 0x00, 0x53, 0x74, 0x61, 0x6e])) return "database-file";
  if (startsWith(bytes, [0x25, 0x50, 0x44, 0x46])) return "binary-file";
  if (encoding === "utf-16le" || encoding === "utf-16be") return undefined;
  return bytes.subarray(0, 65_536).includes(0) ? "binary-file" : undefined;
}

function decodeAs(bytes: Uint8Array, encoding: TextEncoding, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal }).decode(bytes);
  } catch {
    return undefined;
  }
}

const startsWith = (bytes: Uint8Array, prefix: readonly number[]): boolean =>
  prefix.every((byte, index) => bytes[index] === byte);
