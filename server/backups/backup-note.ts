import * as z from "zod/mini";
import { utf8 } from "../../shared/journal/bytes.ts";
import { type CanonicalValue, canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { Signatures, Signer } from "../../shared/journal/ports.ts";
import type { TargetFile } from "./target.ts";

/**
 * `full` brings a whole snapshot; `differential` what has come since the last full on that target;
 * `incremental` what has come since the last backup of any kind there.
 */
export type BackupKind = "full" | "differential" | "incremental";

export const backupKinds: readonly BackupKind[] = ["full", "differential", "incremental"];

const stamp = /^\d{8}T\d{9}Z-[0-9a-z]{6}$/;
const count = z.number().check(z.int(), z.minimum(0));
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const id = z.string().check(z.regex(/^[a-z0-9]{1,32}$/));

const schema = z.strictObject({
  format: z.literal("youbei-backup"),
  version: z.literal(1),
  /** of the point; archives of one instant share it */
  id: z.string().check(z.regex(stamp)),
  kind: z.enum(["full", "differential", "incremental"]),
  /** which it leads to */
  snapshot: z.string().check(z.regex(stamp)),
  /** what must be restored before it; nothing for a full */
  since: z.optional(
    z.strictObject({
      snapshot: z.string().check(z.regex(stamp)),
      backup: z.string().check(z.regex(stamp)),
    }),
  ),
  /** UTC, by the server's clock */
  time: z.iso.datetime({ precision: 3 }),
  organisation: id,
  /** device id of the server that wrote it */
  server: id,
  term: count,
  /** of the archive as it lies on the target */
  bytes: count,
  sha256: hash,
  /** what was put there with it besides: keys, and what else a server needs */
  apart: z.array(z.strictObject({ name: z.string(), bytes: count, sha256: hash })),
  /** by the server's device key, over canonical JSON of all the rest */
  signature: z.strictObject({
    key: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
    sig: z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/)),
  }),
});

/** The small file beside each archive, readable by anybody: no word in it about a member. */
export type BackupNote = z.infer<typeof schema>;
type UnsignedNote = Omit<BackupNote, "signature">;

export const noteBytesMax = 4096;

/** @returns undefined for anything but a note of this version that could be right */
export function readNote(text: string): BackupNote | undefined {
  try {
    const { data } = schema.safeParse(JSON.parse(text));
    const isRooted = data && (data.kind === "full") === (data.since === undefined);
    return isRooted ? data : undefined;
  } catch {
    return undefined;
  }
}

export const writeNote = (note: BackupNote): string => `${JSON.stringify(note, undefined, 2)}\n`;

export async function signNote(note: UnsignedNote, signer: Signer): Promise<BackupNote> {
  const sig = await signer.sign(signedBytes(note));
  return { ...note, signature: { key: signer.publicKey, sig } };
}

export function isNoteSignedBy(
  { signature, ...unsigned }: BackupNote,
  key: string,
  signatures: Signatures,
): Promise<boolean> {
  if (signature.key !== key) return Promise.resolve(false);
  return signatures.verify(key, signedBytes(unsigned), signature.sig);
}

const signedBytes = (note: UnsignedNote): Uint8Array<ArrayBuffer> =>
  utf8(`youbei-backup-v1\n${canonicalJson(note as unknown as CanonicalValue)}`);

/** Folders of a target. */
export const backupsFolder = "backups";
export const keyringFolder = "keyring";
export const systemFolder = "system";

export const archiveEnding = ".tar.gz.age";

type Named = Pick<BackupNote, "id" | "kind">;

/** `backups/<id>-<kind>.tar.gz.age` */
export const archiveName = (note: Named): string => `${stemOf(note)}${archiveEnding}`;
export const noteName = (note: Named): string => `${stemOf(note)}.json`;
const stemOf = ({ id, kind }: Named): string => `${backupsFolder}/${id}-${kind}`;

const namePattern =
  /^backups\/(\d{8}T\d{9}Z-[0-9a-z]{6})-(full|differential|incremental)(\.tar\.gz\.age|\.json)$/;

/** What lies on a target, by archive; `bytes` of what is not there is undefined. */
export interface ListedArchive {
  name: string;
  id: string;
  kind: BackupKind;
  bytes: number | undefined;
  hasNote: boolean;
}

/** Oldest first. */
export function listedArchives(files: readonly TargetFile[]): ListedArchive[] {
  const found = new Map<string, ListedArchive>();
  for (const { name, bytes } of files) {
    const [, id, kind, ending] = namePattern.exec(name) ?? [];
    if (id === undefined) continue;
    const named = { id, kind: kind as BackupKind };
    const key = archiveName(named);
    const listed = found.get(key) ?? { ...named, name: key, bytes: undefined, hasNote: false };
    if (ending === archiveEnding) listed.bytes = bytes;
    else listed.hasNote = true;
    found.set(key, listed);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
