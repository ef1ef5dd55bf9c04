import * as z from "zod/mini";
import { utf8 } from "../../shared/journal/bytes.ts";
import { type CanonicalValue, canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { Signatures, Signer } from "../../shared/journal/ports.ts";

const manifestFormat = "youbei-snapshot";

const count = z.number().check(z.int(), z.minimum(0));
const fen = z.number().check(z.int());
const hash = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const id = z.string().check(z.regex(/^[a-z0-9]{1,32}$/));
const chain = z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/));

/** A piece of a document or of the keyring: one blob. */
const page = z.strictObject({
  sha256,
  bytes: count,
  /** number of the first element (or key) in it */
  from: count,
  count,
});

/** A document by its pages, in a snapshot and in the record of a closed month. */
export const snapshotDocumentSchema = z.strictObject({
  name: z.string(),
  elements: count,
  /** Yjs updates; applied one after the other they are the document */
  pages: z.array(page),
  /** where each chain stands at the end of this document */
  heads: z.record(chain, z.strictObject({ next: count, hash })),
});

const schema = z.strictObject({
  format: z.literal(manifestFormat),
  version: z.literal(1),
  id: z.string().check(z.regex(/^\d{8}T\d{9}Z-[0-9a-z]{6}$/)),
  /** UTC, by the server's clock */
  time: z.iso.datetime({ precision: 3 }),
  reason: z.string().check(z.minLength(1), z.maxLength(200)),
  organisation: z.strictObject({ id, name: z.string() }),
  term: count,
  /** device id of the server that wrote it */
  server: id,
  documents: z.array(snapshotDocumentSchema),
  keyring: z.strictObject({
    /** a line of JSON a key, in the order in which they came */
    pages: z.array(page),
    count,
    /** members whose key the server did not have; the first hundred by name */
    missing: z.strictObject({ count, members: z.array(z.string()).check(z.maxLength(100)) }),
  }),
  /** the folded state at the cut; see `summarise` */
  state: z.strictObject({
    hash,
    label: z.strictObject({ heads: hash, authority: z.string(), fold: count }),
    counts: z.record(z.string(), count),
    /** fen by account */
    trialBalance: z.record(z.string(), fen),
    /** fen */
    liabilities: z.strictObject({ principal: fen, bonus: fen }),
    oldPurchasesFen: fen,
    disputed: fen,
  }),
  /** by the server's device key, over canonical JSON of all the rest */
  signature: z.strictObject({
    key: hash,
    sig: z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/)),
  }),
});

/** What a snapshot is: everything that is needed to rebuild the server, by content. */
export type Manifest = z.infer<typeof schema>;
export type UnsignedManifest = Omit<Manifest, "signature">;
export type BlobPage = z.infer<typeof page>;
export type SnapshotDocument = Manifest["documents"][number];

/** Everything that it names: pieces of its documents, and of the keyring. */
export const pagesOf = ({ documents, keyring }: Manifest): BlobPage[] => [
  ...documents.flatMap(({ pages }) => pages),
  ...keyring.pages,
];

const lengthMax = 16 * 1024 * 1024;

/** @returns undefined for anything but a manifest of this version, byte for byte as it is written */
export function readManifest(text: string): Manifest | undefined {
  if (text.length > lengthMax) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const parsed = schema.safeParse(value);
    return parsed.success && writeManifest(value as Manifest) === text ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Indented, for people. */
export const writeManifest = (manifest: Manifest): string =>
  `${JSON.stringify(manifest, undefined, 2)}\n`;

export async function signManifest(manifest: UnsignedManifest, signer: Signer): Promise<Manifest> {
  const sig = await signer.sign(signedBytes(manifest));
  return { ...manifest, signature: { key: signer.publicKey, sig } };
}

export function isSignedBy(
  { signature, ...unsigned }: Manifest,
  key: string,
  signatures: Signatures,
): Promise<boolean> {
  if (signature.key !== key) return Promise.resolve(false);
  return signatures.verify(key, signedBytes(unsigned), signature.sig);
}

const signedBytes = (manifest: UnsignedManifest): Uint8Array<ArrayBuffer> =>
  utf8(`youbei-snapshot-v1\n${canonicalJson(manifest as unknown as CanonicalValue)}`);
