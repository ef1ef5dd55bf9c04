import { join } from "node:path";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile } from "../storage/whole-files.ts";

/** Who holds a data folder. */
export interface LockOwner {
  pid: number;
  /** when the process began, as the operating system counts; empty where it does not say */
  started: string;
}

/** What the operating system knows of processes. */
export interface Processes {
  self(): LockOwner;
  /** whether this very process is still there, not another one with its number */
  isAlive(owner: LockOwner): boolean;
}

/** The folder is in use, or cannot be used by this version. */
export class DataUnavailable extends Error {
  override name = "DataUnavailable";
  readonly code: "locked" | "newer-version" | "not-ours";

  constructor(code: "locked" | "newer-version" | "not-ours", message: string) {
    super(message);
    this.code = code;
  }
}

export interface LockFiles {
  /** Creates the file with this content; false when it is there already. */
  createNew(path: string, content: string): Promise<boolean>;
}

const heldHere = new Set<string>();

/**
 * Takes a data folder for this process alone. A lock whose owner is gone is taken over.
 * @returns what gives it back
 * @throws DataUnavailable
 */
export async function lockFolder(
  dir: string,
  { files, lockFiles, processes }: { files: Files; lockFiles: LockFiles; processes: Processes },
): Promise<() => Promise<void>> {
  await makeFolders(files, dir);
  const path = join(dir, "lock");
  const content = JSON.stringify(processes.self());
  if (heldHere.has(path)) throw inUse(dir, processes.self());
  for (let tried = 0; tried < 10; tried++) {
    if (await lockFiles.createNew(path, content)) {
      heldHere.add(path);
      return async () => {
        heldHere.delete(path);
        await files.remove(path);
      };
    }
    const owner = await readOwner(files, path);
    if (owner && processes.isAlive(owner) && owner.pid !== processes.self().pid)
      throw inUse(dir, owner);
    await moveAside(files, path, processes.self().pid, owner);
  }
  throw new DataUnavailable("locked", `${dir} cannot be locked: somebody keeps taking it`);
}

/** Of two processes that find a dead lock, one may already have made its own: that one is put back. */
async function moveAside(
  files: Files,
  path: string,
  pid: number,
  dead: LockOwner | undefined,
): Promise<void> {
  const aside = `${path}.stale-${pid}`;
  try {
    await files.rename(path, aside);
    const moved = await readOwner(files, aside);
    if (JSON.stringify(moved) === JSON.stringify(dead)) await files.remove(aside);
    else await files.rename(aside, path);
  } catch {
    // Somebody else was faster; the next try sees what they made of it.
  }
}

async function readOwner(files: Files, path: string): Promise<LockOwner | undefined> {
  try {
    const bytes = await readFile(files, path);
    const owner = bytes && (JSON.parse(fromUtf8(bytes)) as Partial<LockOwner>);
    return owner && typeof owner.pid === "number" && typeof owner.started === "string"
      ? { pid: owner.pid, started: owner.started }
      : undefined;
  } catch {
    return undefined;
  }
}

const inUse = (dir: string, owner: LockOwner): DataUnavailable =>
  new DataUnavailable(
    "locked",
    `${dir} is in use by process ${owner.pid}: stop that one first, or use another folder`,
  );

const stampFile = "youbei-data.json";
const formatVersion = 1;

/**
 * Marks a folder as ours, or makes sure that it is and that we can read it.
 * @throws DataUnavailable
 */
export async function stampFolder(
  dir: string,
  kind: "server" | "replica",
  { files }: { files: Files },
): Promise<void> {
  const path = join(dir, stampFile);
  const bytes = await readFile(files, path);
  if (!bytes || bytes.length === 0) {
    await replaceFile(files, path, jsonBytes({ format: formatVersion, kind }));
    return;
  }
  const stamp = readStamp(bytes);
  if (!stamp || stamp.kind !== kind)
    throw new DataUnavailable("not-ours", `${dir} does not hold the data of a ${kind}`);
  if (stamp.format > formatVersion)
    throw new DataUnavailable(
      "newer-version",
      `${dir} was written by a newer version (format ${stamp.format}): update this program`,
    );
}

function readStamp(bytes: Uint8Array): { format: number; kind: string } | undefined {
  try {
    const { format, kind } = JSON.parse(fromUtf8(bytes)) as Record<string, unknown>;
    return typeof format === "number" && typeof kind === "string" ? { format, kind } : undefined;
  } catch {
    return undefined;
  }
}

/** Parses a small JSON file of ours; undefined when it is not there or not readable. */
export async function readJson(files: Files, path: string): Promise<unknown> {
  try {
    const bytes = await readFile(files, path);
    return bytes ? JSON.parse(fromUtf8(bytes)) : undefined;
  } catch {
    return undefined;
  }
}

export const jsonBytes = (value: unknown): Uint8Array<ArrayBuffer> =>
  utf8(`${JSON.stringify(value, undefined, 2)}\n`);
