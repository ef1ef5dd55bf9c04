import { join } from "node:path";
import { concatBytes, fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import type { Finding } from "../snapshots/finding.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile } from "../storage/whole-files.ts";
import {
  type BackupNote,
  backupsFolder,
  type ListedArchive,
  listedArchives,
  noteBytesMax,
  noteName,
  readNote,
  writeNote,
} from "./backup-note.ts";
import { type Target, TargetFault, type TransferOptions } from "./target.ts";

/** Where notes that were read once are kept, because asking a target for each is slow. */
export interface NoteCache {
  folder: string;
  files: Files;
}

/** What lies on a target. */
export interface NotedBackups {
  archives: ListedArchive[];
  /** of archives that are there with the length that they should have; oldest first */
  notes: BackupNote[];
  /** archives and notes that do not belong together */
  damage: Finding[];
}

/** @throws TargetFault */
export async function readNotes(
  target: Target,
  cache: NoteCache | undefined,
  options: TransferOptions = {},
): Promise<NotedBackups> {
  const archives = listedArchives(await target.list(backupsFolder));
  const notes: BackupNote[] = [];
  const damage: Finding[] = [];
  const lose = (where: string, what: string) => damage.push({ where, what });
  for (const archive of archives) {
    const { name, bytes, hasNote } = archive;
    // An upload that was interrupted between the two is gone on with.
    if (!hasNote) continue;
    const note = await noteOf(archive, target, cache, options);
    if (!note) lose(noteName(archive), "is damaged: it is no note as we write them");
    else if (bytes === undefined) lose(name, "is missing");
    else if (bytes !== note.bytes) lose(name, `has ${bytes} of ${note.bytes} bytes`);
    else notes.push(note);
  }
  return { archives, notes, damage };
}

export async function keepNote(note: BackupNote, { folder, files }: NoteCache): Promise<void> {
  const path = pathOf(folder, note);
  await makeFolders(files, folder);
  await replaceFile(files, path, utf8(writeNote(note)));
}

async function noteOf(
  archive: ListedArchive,
  target: Target,
  cache: NoteCache | undefined,
  options: TransferOptions,
): Promise<BackupNote | undefined> {
  const kept = cache && (await readFile(cache.files, pathOf(cache.folder, archive)));
  const known = kept && noteIn(kept, archive);
  if (known) return known;
  const bytes = await readShort(target, noteName(archive), options);
  const note = bytes && noteIn(bytes, archive);
  if (note && cache) await keepNote(note, cache);
  return note;
}

function noteIn(bytes: Uint8Array, { id, kind }: ListedArchive): BackupNote | undefined {
  try {
    const note = readNote(fromUtf8(bytes));
    return note?.id === id && note.kind === kind ? note : undefined;
  } catch {
    return undefined;
  }
}

/** @returns undefined for a file that is longer than a note, or went meanwhile */
async function readShort(
  target: Target,
  name: string,
  options: TransferOptions,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of target.get(name, 0, options)) {
      parts.push(chunk);
      length += chunk.length;
      if (length > noteBytesMax) return undefined;
    }
  } catch (error) {
    if (error instanceof TargetFault && error.code === "not-there") return undefined;
    throw error;
  }
  return concatBytes(...parts);
}

const pathOf = (folder: string, archive: Pick<BackupNote, "id" | "kind">): string =>
  join(folder, noteName(archive).replace(/^.*\//, ""));
