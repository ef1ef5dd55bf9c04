import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "../storage/files.ts";

/** What the system leaves to everybody on the disk where a folder lies, or will lie; bytes. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if (errorCode(error) !== "ENOENT" || dirname(folder) === folder) throw error;
    return freeBytes(dirname(folder));
  }
}

/** Which disk a folder lies on, by the system's number for it; undefined when it is not there. */
export async function diskOf(folder: string): Promise<string | undefined> {
  try {
    return String((await stat(folder)).dev);
  } catch {
    return undefined;
  }
}
