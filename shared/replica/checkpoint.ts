import * as z from "zod/mini";
import { utf8 } from "../journal/bytes.ts";
import { type CanonicalValue, canonicalJson, parseCanonical } from "../journal/canonical-json.ts";
import type { ChainId } from "../journal/operation.ts";
import type { Signatures, Signer } from "../journal/ports.ts";
import type { Missing } from "./witness.ts";

const id = z.string().check(z.regex(/^[a-z0-9]{1,32}$/));
const count = z.number().check(z.int(), z.minimum(0));
const hash = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const chain = z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/));

const body = {
  v: z.literal(1),
  org: id,
  term: z.number().check(z.int(), z.minimum(1)),
  /** the server's device id; its key in the authority log signs */
  server: id,
  /** wall milliseconds, for people to read */
  at: count,
  authority: z.string().check(z.regex(/^\d{1,9}:[A-Za-z0-9_-]{22}$/)),
  fold: count,
  documents: z.array(z.tuple([z.string().check(z.maxLength(80)), count])).check(z.maxLength(4096)),
  heads: z.array(z.tuple([chain, count, hash])).check(z.maxLength(4096)),
  apart: z.array(hash).check(z.maxLength(4096)),
  operations: count,
  members: count,
  /** fen by account */
  trialBalance: z.record(z.string(), z.number().check(z.int())),
  /** state hash; empty where it would take too long to make */
  state: z.union([z.literal(""), hash]),
};
const unsigned = z.strictObject(body);
const signed = z.strictObject({ ...body, sig: z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/)) });

/**
 * What a server says that it holds, signed: devices remember it. One that shows less later, or
 * something else, was put back, forked, edited or robbed, and cannot deny it.
 */
export type Checkpoint = z.infer<typeof unsigned>;

const checkpointLengthMax = 900 * 1024;

const signedBytes = (checkpoint: Checkpoint): Uint8Array<ArrayBuffer> =>
  utf8(`youbei-checkpoint-v1\n${canonicalJson(checkpoint as unknown as CanonicalValue)}`);

export async function writeCheckpoint(checkpoint: Checkpoint, signer: Signer): Promise<string> {
  const sig = await signer.sign(signedBytes(checkpoint));
  return canonicalJson({ ...checkpoint, sig } as unknown as CanonicalValue);
}

/**
 * @param keyOf public key of a server of this organisation
 * @returns undefined unless it is one and its signature is good
 */
export async function readCheckpoint(
  text: string,
  keyOf: (server: string) => string | undefined,
  signatures: Signatures,
): Promise<Checkpoint | undefined> {
  if (text.length > checkpointLengthMax) return undefined;
  const parsed = signed.safeParse(parseCanonical(text));
  if (!parsed.success) return undefined;
  const { sig, ...checkpoint } = parsed.data;
  const key = keyOf(checkpoint.server);
  const isGood = key !== undefined && (await signatures.verify(key, signedBytes(checkpoint), sig));
  return isGood ? checkpoint : undefined;
}

/** How a later checkpoint of the same server contradicts an earlier one. */
export interface Regress {
  /** operations that it had and has no longer */
  lost: Missing[];
  /** chains of which it now shows another history */
  rewritten: ChainId[];
  /** entries of the authority log that it had and has no longer */
  authority: number;
  /** documents that became shorter */
  documents: string[];
}

/** @returns undefined when the later one goes on from the earlier one */
export function regressOf(earlier: Checkpoint, later: Checkpoint): Regress | undefined {
  if (earlier.server !== later.server || earlier.term !== later.term) return undefined;
  const heads = new Map(later.heads.map(([name, next, head]) => [name, { next, head }]));
  const lengths = new Map(later.documents);
  const regress: Regress = {
    lost: earlier.heads.flatMap(([name, next]) => {
      const from = heads.get(name)?.next ?? 0;
      return from < next ? [{ chain: name, from, to: next - 1 }] : [];
    }),
    rewritten: earlier.heads.flatMap(([name, next, head]) => {
      const now = heads.get(name);
      return now?.next === next && now.head !== head ? [name] : [];
    }),
    authority: Math.max(0, entries(earlier) - entries(later)),
    documents: earlier.documents.flatMap(([name, length]) =>
      (lengths.get(name) ?? 0) < length ? [name] : [],
    ),
  };
  const { lost, rewritten, authority, documents } = regress;
  const isClean = lost.length + rewritten.length + authority + documents.length === 0;
  return isClean ? undefined : regress;
}

const entries = ({ authority }: Checkpoint): number =>
  Number(authority.slice(0, authority.indexOf(":"))) + 1;
