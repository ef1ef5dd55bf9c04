import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { errorCode, type Files, type OpenFile } from "../storage/files.ts";

const readWriteCreate = constants.O_RDWR | constants.O_CREAT;

/** Files on a disk. */
export function createNodeFiles(): Files {
  return {
    open: openFile,
    async stat(path) {
      try {
        const found = await stat(path);
        return { folder: found.isDirectory(), size: found.size };
      } catch (error) {
        if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
        throw error;
      }
    },
    async list(folder) {
      try {
        return (await readdir(folder)).sort();
      } catch (error) {
        if (errorCode(error) === "ENOENT") return [];
        throw error;
      }
    },
    async makeFolder(path) {
      try {
        await mkdir(path, { mode: 0o700 });
        return true;
      } catch (error) {
        if (errorCode(error) === "EEXIST") return false;
        throw error;
      }
    },
    rename,
    async remove(path) {
      const found = await stat(path).catch(() => undefined);
      await (found?.isDirectory() ? rmdir(path) : rm(path, { force: true }));
    },
    async syncFolder(path) {
      // Windows cannot open folders; its renames are journaled by the file system.
      if (process.platform === "win32") return;
      const folder = await open(path, constants.O_RDONLY);
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    },
  };
}

async function openFile(path: string): Promise<OpenFile> {
  try {
    return fileOver(await open(path, readWriteCreate, 0o600));
  } catch (error) {
    // A medium that may only be read, and on which it is: writing to it fails as opening did.
    const handle =
      errorCode(error) === "EROFS" ? await open(path, "r").catch(() => undefined) : undefined;
    if (!handle) throw error;
    const refuse = () => Promise.reject(error);
    return { ...fileOver(handle), write: refuse, truncate: refuse };
  }
}

function fileOver(handle: FileHandle): OpenFile {
  return {
    size: async () => (await handle.stat()).size,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    write: async (bytes, position) =>
      (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
    truncate: (length) => handle.truncate(length),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
