import * as z from "zod/mini";
import { fromUtf8, utf8 } from "../journal/bytes.ts";

/** Our own messages travel as y-websocket message type 100, on the `authority` document's socket. */
export const sessionMessageType = 100;
/** Bytes of one frame once a ticket was accepted. */
export const frameBytesMax = 1024 * 1024;

const id = z.number().check(z.int(), z.minimum(0));
/** Nothing longer, so that a page of them fits one frame. */
const ref = z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}:\d{1,15}$/));
const chain = z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/));
const checkpointText = z.string().check(z.maxLength(900 * 1024));
const docName = z.string().check(z.maxLength(80));
const hash = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const heads = z.array(z.tuple([chain, id, hash])).check(z.maxLength(4096));
const known = z.array(z.tuple([chain, id])).check(z.maxLength(4096));
const keys = z.array(z.tuple([ref, z.string().check(z.maxLength(64))])).check(z.maxLength(4000));
const run = z.strictObject({
  operations: z.array(z.string()).check(z.minLength(1), z.maxLength(500)),
  seal: z.string().check(z.maxLength(1024)),
});

export const addressesMax = 8;
/** where else a shop's server may be, `https://host:port` each */
export const serverAddresses = z
  .array(z.string().check(z.maxLength(300)))
  .check(z.maxLength(addressesMax));

/** What a device says to the server. */
export const deviceMessage = z.discriminatedUnion("type", [
  /** what this device holds; sent at start and whenever it grew, at most once a second */
  z.strictObject({
    type: z.literal("heads"),
    heads,
    /** holds everything that it was offered: counts as a copy */
    complete: z.boolean(),
    /** the browser promised not to evict it */
    persisted: z.boolean(),
    /** chains of which more is known to exist than is held */
    known: z.optional(known),
  }),
  z.strictObject({ type: z.literal("submit"), id, run }),
  /** the newest checkpoint that the server once gave */
  z.strictObject({ type: z.literal("checkpoint"), text: checkpointText }),
  /** runs of this chain from this sequence on are missing here */
  z.strictObject({ type: z.literal("want"), chain, from: id }),
  /** whether a document there begins with what is held of it: its length and the hash of its last */
  z.strictObject({
    type: z.literal("compare"),
    id,
    name: docName,
    length: id,
    last: z.union([z.literal(""), hash]),
  }),
  /** what a server that was put back to an older copy lacks of its own document */
  z.strictObject({
    type: z.literal("tail"),
    id,
    name: docName,
    from: id,
    elements: z.array(z.string()).check(z.minLength(1), z.maxLength(5000)),
  }),
  /** a run that stands apart is missing here; named by the hash that it leads to */
  z.strictObject({ type: z.literal("want-branch"), head: hash }),
  /** keys of members; must be answered before the runs that need them are submitted */
  z.strictObject({ type: z.literal("keys-put"), id, keys }),
  z.strictObject({ type: z.literal("keys-get"), generation: id, from: id }),
  /** moves what a charge needs into this device's purse, and an allotment besides */
  z.strictObject({ type: z.literal("value-request"), id, member: ref, amount: id }),
]);
export type DeviceMessage = z.infer<typeof deviceMessage>;

/** Where an operation is, beside the device that made it. */
export interface Holder {
  device: string;
  /** the server, or a device that reported itself complete */
  complete: boolean;
  online: boolean;
  heads: [chain: string, next: number, hash: string][];
  /** what it knows to exist beyond that */
  known?: [chain: string, next: number][] | undefined;
}

const holder = z.strictObject({
  device: z.string(),
  complete: z.boolean(),
  online: z.boolean(),
  heads,
  known: z.optional(known),
});

/** What the server says to a device. */
export const serverMessage = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("documents"),
    term: id,
    documents: z.array(z.strictObject({ name: z.string(), length: id, running: z.boolean() })),
  }),
  /** what the server holds durably */
  z.strictObject({ type: z.literal("heads"), heads, branches: z.array(hash) }),
  /** the run is on the server's disk */
  z.strictObject({ type: z.literal("accepted"), id, chain, next: id }),
  z.strictObject({
    type: z.literal("refused"),
    id,
    code: z.string(),
    /** sequence that the server wants next, for a gap or a fork */
    next: z.optional(id),
  }),
  /** runs of this chain from this sequence on are missing here: whoever has them, submit them */
  z.strictObject({ type: z.literal("want"), chain, from: id }),
  /** what the server holds, signed */
  z.strictObject({ type: z.literal("checkpoint"), text: checkpointText }),
  z.strictObject({
    type: z.literal("compared"),
    id,
    standing: z.enum(["same", "shorter", "other"]),
    length: id,
    /** hash of the last element there */
    last: z.string(),
  }),
  z.strictObject({
    type: z.literal("tail-taken"),
    id,
    length: id,
    /** absent when it was taken */
    code: z.optional(z.string()),
  }),
  /** what a device asked for; fewer than there are when they are many */
  z.strictObject({ type: z.literal("runs"), runs: z.array(run).check(z.maxLength(500)) }),
  z.strictObject({ type: z.literal("keys-accepted"), id }),
  z.strictObject({ type: z.literal("keys"), generation: id, from: id, total: id, keys }),
  z.strictObject({ type: z.literal("holders"), holders: z.array(holder) }),
  /** where else this shop's server may be found; told at contact and when it changes */
  z.strictObject({ type: z.literal("addresses"), addresses: serverAddresses }),
  z.strictObject({
    type: z.literal("value-answer"),
    id,
    /** absent when value was moved */
    refusal: z.optional(z.enum(["not-home", "not-enough", "not-accounted-for", "unknown-member"])),
    /** fen the server could give at most, for `not-enough` */
    available: z.optional(id),
  }),
]);
export type ServerMessage = z.infer<typeof serverMessage>;

export const writeMessage = (message: DeviceMessage | ServerMessage): Uint8Array<ArrayBuffer> =>
  utf8(JSON.stringify(message));

export const readDeviceMessage = (bytes: Uint8Array): DeviceMessage | undefined =>
  read(bytes, deviceMessage);

export const readServerMessage = (bytes: Uint8Array): ServerMessage | undefined =>
  read(bytes, serverMessage);

function read<Message>(
  bytes: Uint8Array,
  schema: { safeParse(value: unknown): { success: boolean; data?: Message } },
): Message | undefined {
  if (bytes.length > frameBytesMax) return undefined;
  try {
    const result = schema.safeParse(JSON.parse(fromUtf8(bytes)));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
