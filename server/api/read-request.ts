import type { Context } from "hono";
import * as z from "zod/mini";
import { authorityEntryLengthMax } from "../../shared/access/authority-entry.ts";

const key = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const signature = z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/));
const token = z.string().check(z.regex(/^[A-Za-z0-9_-]{16,64}$/));
const entry = z.string().check(z.maxLength(authorityEntryLengthMax));
const head = z.string().check(z.regex(/^\d{1,9}:[A-Za-z0-9_-]{22}$/));
const chain = /^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/;
const origin = z.string().check(z.maxLength(300));

/** What each endpoint reads; anything else is answered as malformed. */
export const requests = {
  setup: z.strictObject({
    code: z.string().check(z.maxLength(64)),
    entries: z.array(entry).check(z.minLength(1), z.maxLength(8)),
  }),
  setupAddress: z.strictObject({ code: z.string().check(z.maxLength(64)), origin }),
  address: z.strictObject({ challenge: token, key, signature, origin: z.optional(origin) }),
  targets: z.strictObject({
    ticket: token,
    ask: z.union([
      z.strictObject({ do: z.literal("list") }),
      z.strictObject({ do: z.literal("test"), settings: z.unknown() }),
      z.strictObject({
        do: z.literal("add"),
        name: z.string().check(z.minLength(1), z.maxLength(80)),
        settings: z.unknown(),
        offSite: z.boolean(),
        offline: z.boolean(),
      }),
      z.strictObject({ do: z.literal("remove"), id: z.string().check(z.maxLength(32)) }),
    ]),
  }),
  readAuthority: z.strictObject({ challenge: token, key, signature }),
  appendAuthority: z.strictObject({ entry }),
  compareAuthority: z.strictObject({
    heads: z.array(head).check(z.minLength(1), z.maxLength(20_000)),
  }),
  tailOfAuthority: z.strictObject({
    after: head,
    entries: z.array(entry).check(z.minLength(1), z.maxLength(200)),
  }),
  tickets: z.strictObject({
    device: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
    challenge: token,
    signature,
    count: z.number().check(z.int(), z.minimum(1), z.maximum(16)),
  }),
  recoveryAuthority: z.strictObject({
    entries: z.array(entry).check(z.minLength(1), z.maxLength(20_000)),
    seals: z.array(z.string().check(z.maxLength(1024))).check(z.maxLength(4096)),
    caller: z.optional(
      z.strictObject({
        device: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
        heads: z
          .array(z.tuple([z.string().check(z.regex(chain)), z.int().check(z.minimum(0))]))
          .check(z.maxLength(4096)),
      }),
    ),
  }),
  successor: z.strictObject({
    entries: z.array(entry).check(z.minLength(1), z.maxLength(20_000)),
  }),
  refillGreet: z.strictObject({ nonce: token }),
  refillAuthority: z.strictObject({
    entries: z.array(entry).check(z.minLength(2), z.maxLength(20_000)),
    address: origin,
    proof: key,
  }),
  refillStanding: z.strictObject({ nonce: token, proof: key, full: z.boolean() }),
  leftovers: z.strictObject({
    device: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
    challenge: token,
    signature,
    runs: z
      .array(
        z.strictObject({
          operations: z.array(z.string()).check(z.minLength(1), z.maxLength(500)),
          seal: z.string().check(z.maxLength(1024)),
        }),
      )
      .check(z.maxLength(500)),
    keys: z
      .array(z.tuple([z.string().check(z.maxLength(100)), z.string().check(z.maxLength(64))]))
      .check(z.maxLength(1000)),
  }),
} as const;

/** @returns undefined for a body that is not what the endpoint reads */
export async function readRequest<Name extends keyof typeof requests>(
  context: Context,
  name: Name,
): Promise<z.infer<(typeof requests)[Name]> | undefined> {
  try {
    const parsed = requests[name].safeParse(JSON.parse(await context.req.text()));
    return parsed.success ? (parsed.data as z.infer<(typeof requests)[Name]>) : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "BodyLimitError") throw error;
    return undefined;
  }
}
