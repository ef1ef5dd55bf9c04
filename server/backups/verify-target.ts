import { createHash } from "node:crypto";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import type { Finding } from "../snapshots/finding.ts";
import { openArchive } from "./archive.ts";
import { checkContent } from "./archive-content.ts";
import {
  archiveName,
  type BackupNote,
  isNoteSignedBy,
  keyringFolder,
  noteName,
  systemFolder,
} from "./backup-note.ts";
import { missingLinks, reachableChains } from "./chains.ts";
import { readKeyringContent } from "./keyring-archive.ts";
import { type NoteCache, readNotes } from "./read-notes.ts";
import { type Target, TargetFault, type TransferOptions } from "./target.ts";
import { type ArchiveEntry, ArchiveFault } from "./ustar.ts";

export interface VerifyOptions extends TransferOptions {
  /** bytes to be read, at least one file; everything without it */
  budgetBytes?: number | undefined;
  /** where the one before ended */
  cursor?: string | undefined;
}

export interface TargetReport {
  ok: boolean;
  damage: Finding[];
  /** files that were read back, of how many */
  checked: { files: number; bytes: number };
  there: { files: number; bytes: number; points: number };
  /** points that no chain of archives leads to */
  unreachable: string[];
  /** archives of an earlier server: whole, as its note says, but not opened */
  unopened: number;
  /** where to go on; undefined when nothing was left */
  cursor: string | undefined;
}

interface VerifyDeps {
  target: Target;
  cache: NoteCache | undefined;
  signatures: Signatures;
  authority: AuthorityState;
  /** of drills */
  identity: string;
}

interface WantedFile {
  name: string;
  bytes: number;
  /** as a note states it; undefined for what none speaks of, as after an interruption */
  sha256: string | undefined;
  check(entries: AsyncIterable<ArchiveEntry>): Promise<unknown>;
}

/**
 * Reads a target back and checks everything on it: notes and their signatures, chains, and every byte
 * of every archive, opened with the key of drills.
 * @throws TargetFault when it cannot be read at all
 */
export async function verifyTarget(
  deps: VerifyDeps,
  options: VerifyOptions = {},
): Promise<TargetReport> {
  const noted = await readNotes(deps.target, deps.cache, options);
  const { notes } = noted;
  const damage = [...noted.damage];
  for (const note of notes)
    if (!(await isOurs(note, deps)))
      damage.push({ where: noteName(note), what: "is not signed by a server of this shop" });
  const unreachable = findUnreachable(notes, damage);
  const files = await wantedFiles(deps.target, notes);
  for (const folder of notes.length > 0 ? [keyringFolder, systemFolder] : [])
    if (!files.some(({ name }) => name.startsWith(`${folder}/`)))
      damage.push({ where: folder, what: "is empty" });
  const checked = { files: 0, bytes: 0 };
  let unopened = 0;
  const rest = files.filter(({ name }) => options.cursor === undefined || name > options.cursor);
  let cursor: string | undefined;
  for (const file of rest) {
    const isSpent = checked.bytes + file.bytes > (options.budgetBytes ?? Number.POSITIVE_INFINITY);
    if (isSpent && checked.files > 0) break;
    const fault = await faultIn(file, deps, options);
    if (fault === "unopened") unopened++;
    else if (fault !== undefined) damage.push({ where: file.name, what: fault });
    checked.files++;
    checked.bytes += file.bytes;
    cursor = file.name;
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const points = new Set(notes.map(({ id }) => id)).size;
  return {
    ok: damage.length === 0,
    damage,
    checked,
    there: { files: files.length, bytes, points },
    unreachable,
    unopened,
    cursor: checked.files === rest.length ? undefined : cursor,
  };
}

/** Signed by a server of this shop, of whatever term. */
export async function isOurs(
  note: BackupNote,
  { authority, signatures }: Pick<VerifyDeps, "authority" | "signatures">,
): Promise<boolean> {
  const server = authority.devices.get(note.server);
  if (!server?.server || note.organisation !== authority.org) return false;
  return isNoteSignedBy(note, server.key, signatures);
}

function findUnreachable(notes: readonly BackupNote[], damage: Finding[]): string[] {
  const chains = reachableChains(notes);
  const lost = notes.filter(({ snapshot }) => !chains.has(snapshot));
  const named = new Set<string>();
  for (const { snapshot } of lost)
    for (const { archive, backup } of missingLinks(snapshot, notes)) {
      if (named.has(archive)) continue;
      named.add(archive);
      damage.push({ where: archive, what: `builds on backup ${backup}, which is not here` });
    }
  return [...new Set(lost.map(({ id }) => id))];
}

/** In the order of their names, so that reading goes on where it ended. */
async function wantedFiles(target: Target, notes: readonly BackupNote[]): Promise<WantedFile[]> {
  const stated = new Map(
    notes.flatMap(({ apart }) => apart.map(({ name, sha256 }) => [name, sha256] as const)),
  );
  const apart = [
    ...(await target.list(keyringFolder)).map((file) => ({ ...file, check: readKeyringContent })),
    ...(await target.list(systemFolder)).map((file) => ({ ...file, check: readToTheEnd })),
  ].map((file) => ({ ...file, sha256: stated.get(file.name) }));
  const archives = notes.map((note) => ({
    name: archiveName(note),
    bytes: note.bytes,
    sha256: note.sha256,
    check: (entries: AsyncIterable<ArchiveEntry>) => checkArchive(entries, note),
  }));
  return [...archives, ...apart].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function checkArchive(
  entries: AsyncIterable<ArchiveEntry>,
  { snapshot }: BackupNote,
): Promise<void> {
  const { id } = await checkContent(entries);
  if (id !== snapshot) throw new ArchiveFault(`it leads to ${id}, not to ${snapshot}`);
}

async function readToTheEnd(entries: AsyncIterable<ArchiveEntry>): Promise<void> {
  for await (const _ of entries);
}

/** @returns what is wrong with a file; `unopened` when only its hash could be checked */
async function faultIn(
  { name, sha256, check }: WantedFile,
  { target, identity }: VerifyDeps,
  options: TransferOptions,
): Promise<string | undefined> {
  let hash = createHash("sha256");
  const chunks = hashed(target.get(name, 0, options), hash);
  let isOthers = false;
  try {
    try {
      await check(openArchive(chunks, identity));
    } catch (error) {
      if (!(error instanceof ArchiveFault && error.isOthers)) throw error;
      isOthers = true;
      hash = createHash("sha256");
      for await (const chunk of target.get(name, 0, options)) hash.update(chunk);
    }
  } catch (error) {
    if (error instanceof ArchiveFault) return error.message;
    if (error instanceof TargetFault && ["damaged", "not-there"].includes(error.code))
      return error.message;
    throw error;
  }
  if (sha256 !== undefined && hash.digest("hex") !== sha256) return "is not what its note says";
  return isOthers ? "unopened" : undefined;
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
