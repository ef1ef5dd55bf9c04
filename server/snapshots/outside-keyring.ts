import * as z from "zod/mini";

const count = z.number().check(z.int(), z.minimum(0));
const page = z.strictObject({
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  bytes: count,
  /** number of the first key in it */
  from: count,
  count,
});

const schema = z.strictObject({
  format: z.literal("youbei-keyring"),
  version: z.literal(1),
  /** the snapshot with which these keys were put away */
  snapshot: z.string(),
  /** UTC, by the server's clock */
  time: z.iso.datetime({ precision: 3 }),
  /** keys in all */
  count,
  /** blobs beside it, as a manifest names them */
  pages: z.array(page),
});

/**
 * The keys of a folder that was restored from backups, where they lie apart: in their newest version
 * only, so that a member who was erased since stays erased in older versions of the shop.
 */
export type OutsideKeyring = z.infer<typeof schema>;

/** @returns undefined for anything but a keyring of this version */
export function readOutsideKeyring(text: string): OutsideKeyring | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export const writeOutsideKeyring = (keyring: OutsideKeyring): string =>
  `${JSON.stringify(keyring, undefined, 2)}\n`;
