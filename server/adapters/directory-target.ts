import { basename, dirname, join } from "node:path";
import * as z from "zod/mini";
import { toBase64Url } from "../../shared/journal/bytes.ts";
import type { RandomSource } from "../../shared/journal/ports.ts";
import {
  checkTargetFolder,
  checkTargetName,
  isTargetName,
  type Target,
  TargetFault,
  type TargetFaultCode,
  type TargetFile,
  type TargetSource,
  type TransferOptions,
} from "../backups/target.ts";
import type { DirectorySettings } from "../backups/target-settings.ts";
import { errorCode, type Files, type OpenFile } from "../storage/files.ts";
import { makeFolders, readAll, replaceFile, writeAll } from "../storage/whole-files.ts";
import { inTargetWords, readExactly, throwIfCancelled } from "./exact-source.ts";
import { Turns } from "./turns.ts";

/** Tells the disk that was added from the empty folder under its mount point. */
const markerName = "youbei-target.json";
const markerBytesMax = 4096;
const markerShape = z.object({ id: z.string().check(z.minLength(16), z.maxLength(100)) });

const readBytes = 1024 * 1024;
/** Between two syncs: so that progress is what the disk has, and the last sync takes no minutes. */
const syncBytes = 8 * 1024 * 1024;

interface DirectoryDeps {
  files: Files;
}

/**
 * Makes a folder into a target, or finds that it is one already: a disk keeps its id wherever it is
 * plugged in. The folder may be new, the one above it may not.
 * @throws TargetFault
 */
export async function addDirectory(
  settings: DirectorySettings,
  { files, random }: DirectoryDeps & { random: RandomSource },
): Promise<DirectorySettings> {
  const { path } = settings;
  return inOurWords(async () => {
    if (!(await isFolder(files, dirname(path))))
      throw new TargetFault("unreachable", `there is no folder ${dirname(path)}`);
    if (await files.makeFolder(path)) await files.syncFolder(dirname(path));
    const known = await markerOf(files, path);
    if (known !== undefined) return { ...settings, id: known };
    const id = toBase64Url(random.bytes(16));
    const note = "Youbei keeps backups in this folder and knows it by this file. Leave it here.";
    const text = `${JSON.stringify({ id, note }, undefined, 2)}\n`;
    await replaceFile(files, join(path, markerName), new TextEncoder().encode(text));
    return { ...settings, id };
  });
}

/** A folder on a disk that is plugged in now, or not. */
export function openDirectory(settings: DirectorySettings, { files }: DirectoryDeps): Target {
  return new DirectoryTarget(settings, files);
}

class DirectoryTarget implements Target {
  readonly #root: string;
  readonly #id: string | undefined;
  readonly #files: Files;
  readonly #turns = new Turns();

  constructor({ path, id }: DirectorySettings, files: Files) {
    this.#root = path;
    this.#id = id;
    this.#files = files;
  }

  async list(folder: string): Promise<TargetFile[]> {
    checkTargetFolder(folder);
    return inOurWords(async () => {
      await this.#checkMarker();
      const found = await this.#filesBelow(folder);
      return found.sort((one, other) => (one.name < other.name ? -1 : 1));
    });
  }

  put(name: string, source: TargetSource, options: TransferOptions = {}): Promise<void> {
    checkTargetName(name);
    return this.#turns.take(name, () => inOurWords(() => this.#put(name, source, options)));
  }

  async *get(name: string, from = 0, options: TransferOptions = {}): AsyncGenerator<Uint8Array> {
    checkTargetName(name);
    const path = join(this.#root, name);
    const file = await inOurWords(async () => {
      await this.#checkMarker();
      const found = await this.#files.stat(path);
      if (!found || found.folder) throw new TargetFault("not-there", `there is no ${name}`);
      return this.#files.open(path);
    });
    try {
      for (let at = from; ; ) {
        throwIfCancelled(options.signal);
        const bytes = await inOurWords(() => readAll(file, at, readBytes));
        if (bytes.length === 0) return;
        at += bytes.length;
        yield bytes;
        options.onProgress?.(at);
      }
    } finally {
      await file.close();
    }
  }

  remove(name: string): Promise<void> {
    checkTargetName(name);
    return this.#turns.take(name, () =>
      inOurWords(async () => {
        await this.#checkMarker();
        const path = join(this.#root, name);
        await this.#removePartials(path);
        if ((await this.#files.stat(path)) === undefined) return;
        await this.#files.remove(path);
        await this.#files.syncFolder(dirname(path));
      }),
    );
  }

  async close(): Promise<void> {}

  async #put(name: string, source: TargetSource, options: TransferOptions): Promise<void> {
    throwIfCancelled(options.signal);
    await this.#checkMarker();
    const path = join(this.#root, name);
    const there = await this.#files.stat(path);
    if (there?.size === source.bytes && !there.folder) return;
    const folder = dirname(path);
    await makeFolders(this.#files, folder);
    const partial = partialOf(path, source.bytes);
    await this.#removePartials(path, partial);
    const file = await this.#files.open(partial);
    try {
      // An open file holds the disk where it is: what is checked now stays true.
      await this.#checkMarker();
      await fill(file, source, options);
    } finally {
      await file.close();
    }
    await this.#files.rename(partial, path);
    await this.#files.syncFolder(folder);
  }

  /** Of a file that came to nothing. */
  async #removePartials(path: string, but?: string): Promise<void> {
    const begins = `.${basename(path)}.`;
    for (const name of await this.#files.list(dirname(path))) {
      const partial = join(dirname(path), name);
      if (!name.startsWith(begins) || !/^\d+\.partial$/.test(name.slice(begins.length))) continue;
      if (partial !== but) await this.#files.remove(partial);
    }
  }

  async #filesBelow(folder: string): Promise<TargetFile[]> {
    const found: TargetFile[] = [];
    for (const part of await this.#files.list(join(this.#root, folder))) {
      const name = folder === "" ? part : `${folder}/${part}`;
      if (!isTargetName(name) || name === markerName) continue;
      const stat = await this.#files.stat(join(this.#root, name));
      if (stat?.folder) found.push(...(await this.#filesBelow(name)));
      else if (stat) found.push({ name, bytes: stat.size });
    }
    return found;
  }

  async #checkMarker(): Promise<void> {
    if (!(await isFolder(this.#files, this.#root)))
      throw new TargetFault("unreachable", `there is no folder ${this.#root}: is the disk here?`);
    const id = await markerOf(this.#files, this.#root);
    if (this.#id !== undefined && id === this.#id) return;
    const which = id === undefined ? "has no marker" : "is another target";
    throw new TargetFault("not-this-target", `${this.#root} ${which}: is the right disk here?`);
  }
}

/** Hidden, beside the file, and of another length another one. */
const partialOf = (path: string, bytes: number): string =>
  join(dirname(path), `.${basename(path)}.${bytes}.partial`);

/**
 * Makes an open file into what the source is. What it holds already is compared, not written again; from
 * the first difference on it is written.
 */
async function fill(file: OpenFile, source: TargetSource, options: TransferOptions): Promise<void> {
  let held = await file.size();
  let [at, synced] = [0, 0];
  for await (const chunk of readExactly(source, 0, options)) {
    const before = held > at ? await readAll(file, at, Math.min(chunk.length, held - at)) : nothing;
    const same = commonLength(before, chunk);
    if (same < chunk.length) {
      if (held > at + same) await file.truncate(at + same);
      held = 0;
      await writeAll(file, chunk.subarray(same), at + same);
    }
    at += chunk.length;
    if (at - synced < syncBytes) continue;
    await file.sync();
    synced = at;
    options.onProgress?.(at);
  }
  if ((await file.size()) > source.bytes) await file.truncate(source.bytes);
  await file.sync();
  options.onProgress?.(source.bytes);
}

const nothing = new Uint8Array(0);

function commonLength(one: Uint8Array, other: Uint8Array): number {
  const most = Math.min(one.length, other.length);
  if (Buffer.compare(one.subarray(0, most), other.subarray(0, most)) === 0) return most;
  let same = 0;
  while (one[same] === other[same]) same++;
  return same;
}

const isFolder = async (files: Files, path: string): Promise<boolean> =>
  (await files.stat(path))?.folder === true;

/** @returns the id in a folder's marker; undefined without one */
async function markerOf(files: Files, folder: string): Promise<string | undefined> {
  const path = join(folder, markerName);
  const found = await files.stat(path);
  if (!found || found.folder) return undefined;
  const file = await files.open(path);
  try {
    const text = new TextDecoder().decode(await readAll(file, 0, markerBytesMax));
    return markerShape.safeParse(parsed(text)).data?.id;
  } finally {
    await file.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const codes: Readonly<Record<string, TargetFaultCode>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "too-large",
  EACCES: "refused",
  EPERM: "refused",
  EROFS: "refused",
  ENOENT: "unreachable",
  EIO: "unreachable",
  ENODEV: "unreachable",
  ENXIO: "unreachable",
};

function faultOf(error: unknown): unknown {
  const code = codes[errorCode(error)];
  if (code === undefined) return error;
  return new TargetFault(code, error instanceof Error ? error.message : code, { cause: error });
}

const inOurWords = <Value>(action: () => Promise<Value>): Promise<Value> =>
  inTargetWords(faultOf, action);
