import { sha256 } from "@noble/hashes/sha2.js";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const valueByCode = new Int8Array(128).fill(-1);
for (let index = 0; index < 64; index++) valueByCode[alphabet.charCodeAt(index)] = index;

/** base64url without padding, RFC 4648 §5. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index;
    const word =
      ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text += alphabet.charAt(word >> 18) + alphabet.charAt((word >> 12) & 63);
    if (left > 1) text += alphabet.charAt((word >> 6) & 63);
    if (left > 2) text += alphabet.charAt(word & 63);
  }
  return text;
}

/** @returns undefined for anything that `toBase64Url` would not have written */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const value = code < 128 ? (valueByCode[code] ?? -1) : -1;
    if (value < 0) return undefined;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 255;
    }
  }
  return (word & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Uint8Array<ArrayBuffer> =>
  encoder.encode(text) as Uint8Array<ArrayBuffer>;

/** @throws TypeError when the bytes are not UTF-8 */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const hashBytes = (bytes: Uint8Array): Uint8Array => sha256(bytes);

/** Where what is hashed next is laid out; a new array for each operation costs as much as its hash. */
let room = new Uint8Array(4096);

/** SHA-256 over bytes and, behind them, a text in UTF-8. */
export function hashBehind(before: Uint8Array, text: string): Uint8Array {
  const bytesMost = before.length + text.length * 3;
  if (room.length < bytesMost) room = new Uint8Array(bytesMost);
  room.set(before);
  const { written } = encoder.encodeInto(text, room.subarray(before.length));
  return sha256(room.subarray(0, before.length + written));
}

/** SHA-256 as 43 characters of base64url. */
export const hashText = (text: string): string => toBase64Url(sha256(utf8(text)));
