import * as z from "zod/mini";
import { utf8 } from "./bytes.ts";
import { type CanonicalValue, canonicalJson, parseCanonical } from "./canonical-json.ts";
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

const hash = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const sequence = z.number().check(z.int(), z.minimum(0));

const schema = z.strictObject({
  v: z.literal(1),
  org: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
  chain: z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/)),
  first: sequence,
  last: sequence,
  prev: hash,
  head: hash,
  sig: z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/)),
});

export const isSealText = (text: string): boolean => text.startsWith('{"chain":');

export const writeSeal = (seal: Seal): string => canonicalJson({ ...seal } as CanonicalValue);

export function readSeal(text: string): Seal | undefined {
  if (text.length > 1024) return undefined;
  const parsed = schema.safeParse(parseCanonical(text));
  return parsed.success && parsed.data.last >= parsed.data.first ? parsed.data : undefined;
}

/** The bytes that the device's key signs. */
export function sealedBytes(seal: Omit<Seal, "sig">): Uint8Array<ArrayBuffer> {
  const { v, org, chain, first, last, prev, head } = seal;
  return utf8(`youbei-seal-v1\n${canonicalJson({ v, org, chain, first, last, prev, head })}`);
}
