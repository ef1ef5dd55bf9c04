import { gcm } from "@noble/ciphers/aes.js";
import {
  concatBytes,
  fromBase64Url,
  fromUtf8,
  hashBytes,
  toBase64Url,
  utf8,
} from "../journal/bytes.ts";
import { canonicalJson, parseCanonical } from "../journal/canonical-json.ts";
import type { RandomSource } from "../journal/ports.ts";

/** Plain fields of a member by name; an empty text means the field was cleared. */
export type MemberFields = Readonly<Record<string, string>>;

/** To be filled: an object that has nothing by itself, so that a field may be called `toString`. */
export const noFields = (): Record<string, string> => Object.create(null) as Record<string, string>;

/** Fields that screens know; others (`extra.<heading>`) are kept and shown as they came. */
export const knownFields = [
  "name",
  "pinyin",
  "phone",
  "card",
  "gender",
  "birthday",
  "address",
  "note",
  "level",
  "cardType",
  "storeLabel",
  "openedOn",
  "totalPoints",
  "points",
] as const;

export const fieldNameLengthMax = 80;
export const fieldsMax = 48;
export const nameLengthMax = 80;
export const noteLengthMax = 2000;

/** 32 random bytes; destroying it makes the member unreadable everywhere. */
export type MemberKey = Uint8Array;

const nonceBytes = 12;

export const newMemberKey = (random: RandomSource): MemberKey => random.bytes(32);

export const hashOfKey = (key: MemberKey): string => toBase64Url(hashBytes(key));

/**
 * AES-256-GCM over the fields as canonical JSON; `context` (member and organisation) is authenticated.
 * @returns nonce and ciphertext, base64url
 */
export function sealFields(
  key: MemberKey,
  context: string,
  fields: MemberFields,
  random: RandomSource,
): string {
  const nonce = random.bytes(nonceBytes);
  const plain = utf8(canonicalJson(fields));
  return toBase64Url(concatBytes(nonce, gcm(key, nonce, utf8(context)).encrypt(plain)));
}

/** @returns undefined when the key does not fit or the bytes were changed */
export function openFields(
  key: MemberKey,
  context: string,
  sealed: string,
): MemberFields | undefined {
  const bytes = fromBase64Url(sealed);
  if (!bytes || bytes.length <= nonceBytes) return undefined;
  try {
    const cipher = gcm(key, bytes.subarray(0, nonceBytes), utf8(context));
    const plain = parseCanonical(fromUtf8(cipher.decrypt(bytes.subarray(nonceBytes))));
    if (plain === undefined || typeof plain !== "object" || Array.isArray(plain)) return undefined;
    const fields = noFields();
    for (const [field, value] of Object.entries(plain))
      if (typeof value === "string") fields[field] = value;
    return fields;
  } catch {
    return undefined;
  }
}
