import * as z from "zod/mini";
import { utf8 } from "../journal/bytes.ts";

const text = z.string().check(z.maxLength(300));
const count = z.number().check(z.int(), z.minimum(0));

/** What the owner is told about the address under which devices open the app. */
const addressFacts = z.object({
  /** the permanent origin, once it was chosen */
  origin: z.optional(text),
  /** page that a device opens first, over plain http; present while a local authority must be trusted */
  join: z.optional(text),
  /** whose certificate the server has: none, of its own authority, or of the owner's own */
  kind: z.enum(["off", "local", "own"]),
  /** end of the server's certificate, wall milliseconds */
  untilMs: z.optional(count),
  /** what devices must trust */
  authority: z.optional(z.object({ subject: text, fingerprint: text, untilMs: count })),
  /** what somebody must look at on the server, in English */
  trouble: z.array(z.string().check(z.maxLength(1000))).check(z.maxLength(20)),
  /** origins that may be chosen, the most useful first */
  candidates: z.array(
    z.object({ origin: text, kind: z.enum(["address", "vpn", "local-name", "name"]) }),
  ),
  /** origin under which each device was connected last, by device id; only browsers tell */
  devices: z.record(z.string(), text),
});
export type AddressFacts = z.infer<typeof addressFacts>;

/** @returns undefined for anything else */
export function readAddressFacts(body: unknown): AddressFacts | undefined {
  const parsed = addressFacts.safeParse(body);
  return parsed.success ? parsed.data : undefined;
}

/**
 * What the owner's personal key signs to read about the address or to choose another one.
 * @param origin empty for reading
 */
export const addressBytes = (
  org: string,
  challenge: string,
  origin: string,
): Uint8Array<ArrayBuffer> => utf8(`youbei-address-v1\n${org}\n${challenge}\n${origin}`);
