import * as z from "zod/mini";
import { fromUtf8, utf8 } from "../journal/bytes.ts";

/** Our own messages travel as y-websocket message type 100, on the `authority` document's socket. */
export const sessionMessageType = 100;
/** Bytes of one frame once a ticket was accepted. */
export const frameBytesMax = 1024 * 1024;

const id = z.number().check(z.int(), z.minimum(0));
const ref = z.string().check(z.maxLength(100));
const chain = z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/));
const hash = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const heads = z.array(z.tuple([chain, id, hash])).check(z.maxLength(4096));
const keys = z.array(z.tuple([ref, z.string().check(z.maxLength(64))])).check(z.maxLength(4000));
const run = z.strictObject({
  operations: z.array(z.string()).check(z.minLength(1), z.maxLength(500)),
  seal: z.string().check(z.maxLength(1024)),
});

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
  }),
  z.strictObject({ type: z.literal("submit"), id, run }),
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
}

const holder = z.strictObject({
  device: z.string(),
  complete: z.boolean(),
  online: z.boolean(),
  heads,
});

/** What the server says to a device. */
export const serverMessage = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("documents"),
    term: id,
    documents: z.array(z.strictObject({ name: z.string(), length: id, running: z.boolean() })),
  }),
  /** what the server holds durably */
  z.strictObject({ type: z.literal("heads"), heads }),
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
  z.strictObject({ type: z.literal("keys-accepted"), id }),
  z.strictObject({ type: z.literal("keys"), generation: id, from: id, total: id, keys }),
  z.strictObject({ type: z.literal("holders"), holders: z.array(holder) }),
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
