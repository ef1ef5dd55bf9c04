import * as z from "zod/mini";
import { hashText, utf8 } from "../journal/bytes.ts";
import { type CanonicalValue, canonicalJson, parseCanonical } from "../journal/canonical-json.ts";
import type { AuthorityHead } from "../journal/operation.ts";

const id = z.string().check(z.regex(/^[a-z0-9]{1,32}$/));
const key = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const hash = key;
const name = z.string().check(z.minLength(1), z.maxLength(80));
const role = z.enum(["owner", "manager", "cashier"]);
const count = z.number().check(z.int(), z.minimum(0));
const fen = z.number().check(z.int(), z.minimum(0), z.maximum(1_000_000_000_00));
const head = z.string().check(z.regex(/^\d{1,9}:[A-Za-z0-9_-]{22}$/));
const cut = z.record(
  z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/)),
  z.strictObject({ next: count, hash }),
);

/** The public halves of a recovery card: one checks what it signs, to the other backups are sealed. */
const recovery = z.strictObject({ sign: key, encrypt: key });

/** Characters of an entry that carries no others. */
const entryLengthMax = 32 * 1024;
/** Of any entry: one that carries lost entries quotes them, and quotes what they quoted. */
export const authorityEntryLengthMax = 192 * 1024;

/** What the authority log can say; each entry names its predecessor and is signed by the entitled. */
export const authorityBodies = {
  OrganisationFounded: z.strictObject({
    name,
    timeZone: z.string().check(z.maxLength(64)),
    recovery,
    owner: z.strictObject({ staff: id, name, key: z.optional(key) }),
    server: z.strictObject({ device: id, key }),
    store: z.strictObject({ id, name }),
    term: z.literal(1),
    fold: z.literal(1),
  }),
  StoreAdded: z.strictObject({ store: id, name, label: z.optional(name) }),
  StaffAdded: z.strictObject({ staff: id, name, role }),
  StaffChanged: z.strictObject({ staff: id, name, role, active: z.boolean() }),
  DeviceInvited: z.strictObject({
    key,
    store: id,
    ceiling: role,
    till: z.boolean(),
    /** whose personal key the new device may bind */
    staff: z.optional(id),
    replaces: z.optional(id),
    /** wall milliseconds; kept by the server that sequences, not judged by replicas */
    expires: count,
  }),
  DeviceEnrolled: z.strictObject({
    device: id,
    name,
    key,
    store: id,
    ceiling: role,
    till: z.boolean(),
    staff: z.optional(id),
    staffKey: z.optional(key),
    replaces: z.optional(id),
    cut: z.optional(cut),
  }),
  TermOpened: z.strictObject({
    term: z.number().check(z.int(), z.minimum(2)),
    server: z.strictObject({ device: id, key }),
    closes: id,
    cut,
  }),
  /** a fork was seen: what the device records beyond the cut is kept and not counted */
  DeviceFrozen: z.strictObject({ device: id, cut }),
  /**
   * A device whose storage was put back, copied or partly lost goes on under a new identity, vouched
   * for by its own old key. The old purse stays frozen until somebody entitled settles it.
   */
  DeviceSucceeded: z.strictObject({
    device: id,
    key,
    replaces: id,
    /** not needed where the device was frozen before */
    cut: z.optional(cut),
  }),
  /** the purse of `device` passes to the device that succeeded it */
  SuccessionSettled: z.strictObject({ device: id }),
  TopUpPresetsSet: z.strictObject({
    presets: z.array(z.strictObject({ principal: fen, bonus: fen })).check(z.maxLength(24)),
  }),
  /**
   * Entries that a recovery left behind, verbatim: a server died after them and its successor did not
   * know them. They are kept, and what they restrict is in force.
   */
  LostEntriesRecorded: z.strictObject({
    /** the entry that they go on from: one that a term was opened after, or another lost one */
    after: head,
    entries: z
      .array(z.string().check(z.maxLength(authorityEntryLengthMax)))
      .check(z.minLength(1), z.maxLength(200)),
  }),
  /** what lost entries grant is in force again, up to this one */
  EntriesReinstated: z.strictObject({ through: head }),
  /** what lost entries grant stays out of force, up to this one */
  EntriesDismissed: z.strictObject({ through: head }),
  /** somebody wants something done that needs another one's approval */
  ActProposed: z.strictObject({
    proposal: id,
    act: z.enum(["restore-version", "prune-backups", "change-targets", "replace-recovery-key"]),
    /** hash of what exactly is to be done */
    subject: hash,
    /** one line for people */
    text: z.string().check(z.minLength(1), z.maxLength(200), z.regex(/^\P{C}+$/u)),
    /** of the card that is to replace the one in force; that card signs the proposal too */
    recovery: z.optional(recovery),
  }),
  ActApproved: z.strictObject({
    proposal: id,
    /** with the card, or with nobody: wall milliseconds from which on it counts, by the server that signs */
    until: z.optional(count),
  }),
  ActWithdrawn: z.strictObject({ proposal: id }),
  /** an approval is used up; written before anything is done by it */
  ActDone: z.strictObject({ proposal: id }),
  /** the card that was proposed takes the place of the one in force, and the approval is used up */
  RecoveryKeyReplaced: z.strictObject({ proposal: id, recovery }),
} as const;

export type AuthorityKind = keyof typeof authorityBodies;
export type AuthorityBody<Kind extends AuthorityKind> = z.infer<(typeof authorityBodies)[Kind]>;

/** What an author proposes; org, sequence, predecessor and signatures are added when it is signed. */
export type AuthorityProposal = {
  [Kind in AuthorityKind]: { kind: Kind; body: AuthorityBody<Kind> };
}[AuthorityKind];

/** `recovery`, `staff:<id>`, `device:<id>`, `invitation:<key>`. */
export type AuthoritySigner = string;

export type AuthorityEntry = AuthorityProposal & {
  v: 1;
  org: string;
  seq: number;
  /** hash of the entry before; empty for entry 0 */
  prev: string;
  /** wall milliseconds of the signer, for people to read */
  at: number;
  sigs: { by: AuthoritySigner; key: string; sig: string }[];
};

const envelope = z.strictObject({
  v: z.literal(1),
  org: id,
  seq: count,
  prev: z.union([z.literal(""), hash]),
  at: count,
  kind: z.string(),
  body: z.unknown(),
  sigs: z
    .array(
      z.strictObject({
        by: z
          .string()
          .check(
            z.regex(/^(recovery|(?:staff|device):[a-z0-9]{1,32}|invitation:[A-Za-z0-9_-]{43})$/),
          ),
        key,
        sig: z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/)),
      }),
    )
    .check(z.minLength(1), z.maxLength(8)),
});

export const writeEntry = (entry: AuthorityEntry): string =>
  canonicalJson(entry as unknown as CanonicalValue);

/** @returns undefined unless canonical, of a known kind and well-formed */
export function readEntry(text: string): AuthorityEntry | undefined {
  if (text.length > authorityEntryLengthMax) return undefined;
  const parsed = envelope.safeParse(parseCanonical(text));
  if (!parsed.success || !Object.hasOwn(authorityBodies, parsed.data.kind)) return undefined;
  if (text.length > entryLengthMax && parsed.data.kind !== "LostEntriesRecorded") return undefined;
  const body = authorityBodies[parsed.data.kind as AuthorityKind].safeParse(parsed.data.body);
  return body.success
    ? ({ ...parsed.data, kind: parsed.data.kind, body: body.data } as AuthorityEntry)
    : undefined;
}

/** The bytes that each signer signs: everything but the signatures. */
export function signedBytes(entry: Omit<AuthorityEntry, "sigs">): Uint8Array<ArrayBuffer> {
  const { v, org, seq, prev, at, kind, body } = entry;
  return utf8(
    `youbei-authority-v1\n${canonicalJson({ v, org, seq, prev, at, kind, body } as unknown as CanonicalValue)}`,
  );
}

export const headOfEntry = (seq: number, text: string): AuthorityHead =>
  `${seq}:${hashText(text).slice(0, 22)}`;
