import * as z from "zod/mini";
import type { Timestamp } from "../time/hybrid-clock.ts";
import { type CanonicalValue, canonicalJson, parseCanonical } from "./canonical-json.ts";

/** `device@store`: one device numbers its operations apart for each store it works in. */
export type ChainId = string;
/** `device@store:sequence`: the name of an operation, and of the member or lot that it creates. */
export type OperationRef = string;
/** `sequence:hash` of the newest authority entry that the author knew (hash cut to 132 bits). */
export type AuthorityHead = string;

/**
 * What happened, as one device recorded it. The envelope never changes; kinds do.
 * Its bytes are the canonical JSON text below; they are kept and relayed exactly as sealed.
 */
export interface Operation {
  /** envelope version */
  v: 1;
  org: string;
  /** the author's store; where a member belongs is body data */
  store: string;
  term: number;
  device: string;
  /** who acted; empty for what a device does by itself (moving value home) */
  staff: string;
  seq: number;
  /** newest authority entry that the author knew */
  auth: AuthorityHead;
  /** whether another replica had confirmed this device's head since it started */
  att: boolean;
  hlc: Timestamp;
  /** business date, yyyy-mm-dd in the shop's time zone */
  date: string;
  kind: string;
  body: { readonly [key: string]: CanonicalValue | undefined };
}

/** Operation text at most this long, in characters; a run is cut by bytes besides. */
export const operationLengthMax = 64 * 1024;

/** The year 9999: what is later than any date can be shown by no screen. */
const wallMsMax = 253_402_214_400_000;

const shortId = z.string().check(z.regex(/^[a-z0-9]{1,32}$/));
const count = z.number().check(z.int(), z.minimum(0));

/** `device@store:sequence` inside a body. */
export const operationRef = z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}:\d{1,15}$/));

const envelope = z.strictObject({
  v: z.literal(1),
  org: shortId,
  store: shortId,
  term: z.number().check(z.int(), z.minimum(1)),
  device: shortId,
  staff: z.string().check(z.regex(/^[a-z0-9]{0,32}$/)),
  seq: count,
  auth: z.string().check(z.regex(/^\d{1,9}:[A-Za-z0-9_-]{22}$/)),
  att: z.boolean(),
  hlc: z.tuple([z.number().check(z.int(), z.minimum(0), z.maximum(wallMsMax)), count]),
  date: z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/)),
  kind: z.string().check(z.regex(/^[A-Z][A-Za-z]{1,40}$/)),
  body: z.record(z.string(), z.unknown()),
});

export const writeOperation = (operation: Operation): string =>
  canonicalJson(operation as unknown as CanonicalValue);

/** @returns undefined unless the text is canonical and carries an envelope that we know */
export function readOperation(text: string): Operation | undefined {
  if (text.length > operationLengthMax) return undefined;
  const parsed = envelope.safeParse(parseCanonical(text));
  return parsed.success ? (parsed.data as Operation) : undefined;
}

/**
 * For text from our own store, which `readOperation` accepted when it came.
 * @returns undefined for text that is no JSON at all
 */
export function readStoredOperation(text: string): Operation | undefined {
  try {
    return JSON.parse(text) as Operation;
  } catch {
    return undefined;
  }
}

export const chainOf = (author: { device: string; store: string }): ChainId =>
  `${author.device}@${author.store}`;

export const refOf = (operation: Operation): OperationRef =>
  `${chainOf(operation)}:${operation.seq}`;

/** Sequence of the authority entry that an operation cites. */
export const citedSequence = ({ auth }: Operation): number => seqOfHead(auth);

export const seqOfHead = (head: AuthorityHead): number => Number(head.slice(0, head.indexOf(":")));

export function splitRef(ref: OperationRef): { chain: ChainId; seq: number } {
  const at = ref.lastIndexOf(":");
  return { chain: ref.slice(0, at), seq: Number(ref.slice(at + 1)) };
}

export const deviceOfChain = (chain: ChainId): string => chain.slice(0, chain.indexOf("@"));
export const storeOfChain = (chain: ChainId): string => chain.slice(chain.indexOf("@") + 1);
