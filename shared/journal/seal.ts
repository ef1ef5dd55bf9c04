import { utf8 } from "./bytes.ts";
import { type CanonicalValue, canonicalJson } from "./canonical-json.ts";
import type { ChainId } from "./operation.ts";

/** One Ed25519 signature of a device over its operations `first..last` and, by the chain, all before. */
export interface Seal {
  v: 1;
  org: string;
  chain: ChainId;
  first: number;
  last: number;
  /** chain hash before `first` */
  prev: string;
  /** chain hash after `last` */
  head: string;
  sig: string;
}

const count = "(0|[1-9]\\d{0,15})";
const hash = "([A-Za-z0-9_-]{43})";

/** Of a seal nothing may be missing and nothing varies in length but names and numbers: its text is its schema. */
const sealText = new RegExp(
  `^\\{"chain":"([a-z0-9]{1,32}@[a-z0-9]{1,32})","first":${count},"head":"${hash}",` +
    `"last":${count},"org":"([a-z0-9]{1,32})","prev":"${hash}",` +
    `"sig":"([A-Za-z0-9_-]{86})","v":1\\}$`,
);

export const isSealText = (text: string): boolean => text.startsWith('{"chain":');

export const writeSeal = (seal: Seal): string => canonicalJson({ ...seal } as CanonicalValue);

/** @returns undefined unless the text is one that `writeSeal` writes */
export function readSeal(text: string): Seal | undefined {
  const [, chain = "", from, head = "", to, org = "", prev = "", sig = ""] =
    sealText.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (!Number.isSafeInteger(last) || !(first <= last)) return undefined;
  return { v: 1, org, chain, first, last, prev, head, sig };
}

/** The bytes that the device's key signs. */
export function sealedBytes(seal: Omit<Seal, "sig">): Uint8Array<ArrayBuffer> {
  const { v, org, chain, first, last, prev, head } = seal;
  return utf8(`youbei-seal-v1\n${canonicalJson({ v, org, chain, first, last, prev, head })}`);
}
