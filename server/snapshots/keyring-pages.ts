import { fromBase64Url, fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import { hashOfKey } from "../../shared/members/member-fields.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";

export type KeyEntry = [member: MemberId, key: string];

/** Keys in one blob; they come in order, so full pages never change. */
const keysPerPage = 1000;

/** Keys as lines of JSON, a page at a time. */
export function keyringPages(
  entries: readonly KeyEntry[],
): { from: number; count: number; bytes: Uint8Array }[] {
  const pages = [];
  for (let from = 0; from < entries.length; from += keysPerPage) {
    const part = entries.slice(from, from + keysPerPage);
    const text = part.map(([member, key]) => `${JSON.stringify([member, key])}\n`).join("");
    pages.push({ from, count: part.length, bytes: utf8(text) });
  }
  return pages;
}

/** @returns undefined for bytes that `keyringPages` would not have written */
export function readKeyringPage(bytes: Uint8Array): KeyEntry[] | undefined {
  try {
    const lines = fromUtf8(bytes).split("\n");
    if (lines.pop() !== "") return undefined;
    const entries = lines.map((line) => JSON.parse(line) as unknown);
    return entries.every(isEntry) ? entries : undefined;
  } catch {
    return undefined;
  }
}

const isEntry = (value: unknown): value is KeyEntry =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "string");

/** Members whose key is not there, and those whose key is another than was given to them. */
export function checkKeys(
  members: Iterable<readonly [MemberId, string]>,
  entries: readonly KeyEntry[],
): { missing: MemberId[]; wrong: MemberId[] } {
  const keys = new Map(entries);
  const missing: MemberId[] = [];
  const wrong: MemberId[] = [];
  for (const [member, hash] of members) {
    const key = keys.get(member);
    if (key === undefined) missing.push(member);
    else if (hashOf(key) !== hash) wrong.push(member);
  }
  return { missing, wrong };
}

function hashOf(key: string): string | undefined {
  const bytes = fromBase64Url(key);
  return bytes && hashOfKey(bytes);
}
