import * as z from "zod/mini";
import { type DocumentName, splitJournalName } from "../../shared/documents/document-name.ts";
import { hashText, utf8 } from "../../shared/journal/bytes.ts";
import { type CanonicalValue, canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import { snapshotDocumentSchema } from "./manifest.ts";

const schema = z.strictObject({
  format: z.literal("youbei-closed-month"),
  version: z.literal(1),
  organisation: z.string(),
  term: z.number().check(z.int(), z.minimum(0)),
  /** device id of the server that closed it */
  server: z.string(),
  /** its length, its segments (blobs of the snapshots' folder), and where each chain stands at its end */
  document: snapshotDocumentSchema,
  /** members added in it, with the hash of their key */
  members: z.array(z.tuple([z.string(), z.string()])),
  /** by the server's device key, over canonical JSON of all the rest, of members their hash */
  signature: z.strictObject({ key: z.string(), sig: z.string() }),
});

/** What a month was when it was closed: it never changes again. */
export type ClosedMonth = z.infer<typeof schema>;

/** `journal/1/shop/2026-11` → `1-shop-2026-11`; undefined for what is no journal. */
export function fileOfMonth(name: DocumentName): string | undefined {
  const split = splitJournalName(name);
  return split && `${split.term}-${split.store}-${split.month}`;
}

/** @returns undefined for anything but a record of this version, byte for byte as it is written */
export function readClosedMonth(text: string): ClosedMonth | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const parsed = schema.safeParse(value);
    const isOurs = parsed.success && writeClosedMonth(value as ClosedMonth) === text;
    return isOurs && isUnbroken(parsed.data) ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export const writeClosedMonth = (month: ClosedMonth): string =>
  `${JSON.stringify(month, undefined, 1)}\n`;

export async function signClosedMonth(
  month: Omit<ClosedMonth, "signature">,
  signer: Signer,
): Promise<ClosedMonth> {
  const sig = await signer.sign(signedBytes(month));
  return { ...month, signature: { key: signer.publicKey, sig } };
}

/** Whether this very server closed it: Ed25519 signs the same bytes the same way each time. */
export async function isClosedBy(
  { signature, ...unsigned }: ClosedMonth,
  signer: Signer,
): Promise<boolean> {
  const own = await signClosedMonth(unsigned, signer);
  return own.signature.key === signature.key && own.signature.sig === signature.sig;
}

/** Segments follow each other from the first element to the last. */
function isUnbroken({ document: { pages, elements } }: ClosedMonth): boolean {
  let at = 0;
  for (const { from, count } of pages) {
    if (from !== at) return false;
    at += count;
  }
  return at === elements;
}

/** Members may be tens of thousands, more than canonical JSON takes in a list: they are signed by their hash. */
function signedBytes({ members, ...month }: Omit<ClosedMonth, "signature">) {
  const signed = { ...month, members: hashText(JSON.stringify(members)) };
  return utf8(`youbei-closed-month-v1\n${canonicalJson(signed as unknown as CanonicalValue)}`);
}
