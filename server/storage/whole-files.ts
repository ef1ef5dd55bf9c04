import { dirname, join } from "node:path";
import type { Files, OpenFile } from "./files.ts";

/** Writes all of `bytes`, however many writes that takes. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += await file.write(bytes.subarray(at), position + at);
}

/** Reads up to `length` bytes; fewer only at the end of the file. */
export async function readAll(
  file: OpenFile,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const read = await file.read(bytes.subarray(at), position + at);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

/** @returns undefined when there is no such file */
export async function readFile(
  files: Files,
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const found = await files.stat(path);
  if (!found || found.folder) return undefined;
  const file = await files.open(path);
  try {
    return await readAll(file, 0, await file.size());
  } finally {
    await file.close();
  }
}

/** Puts a whole file in place atomically and durably: aside, synced, renamed, folder synced. */
export async function replaceFile(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.new`;
  const file = await files.open(aside);
  try {
    await file.truncate(0);
    await writeAll(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(aside, path);
  await files.syncFolder(dirname(path));
}

/** Takes a file away, or a folder with all that is in it. */
export async function removeTree(files: Files, path: string): Promise<void> {
  if ((await files.stat(path))?.folder)
    for (const name of await files.list(path)) await removeTree(files, join(path, name));
  await files.remove(path);
}

/** Makes a folder and those above it, durably. */
export async function makeFolders(files: Files, path: string): Promise<void> {
  if ((await files.stat(path))?.folder) return;
  const above = dirname(path);
  if (above !== path) await makeFolders(files, above);
  if (await files.makeFolder(path)) await files.syncFolder(above);
}
