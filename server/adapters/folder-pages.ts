import { join } from "node:path";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import type { StatePages } from "../../shared/replica/ports.ts";
import { faultOf } from "../storage/fault-of.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile, writeAll } from "../storage/whole-files.ts";

const manifestFile = "manifest.json";
const pageFile = (set: number, at: number): string => `${set}-${at}.json`;

/**
 * State pages as files of a folder. Each writing makes a set of its own, and counts once the manifest
 * names it. Pages are not waited for to be durable: one that is not whole does not have its hash.
 */
export function createFolderPages(folder: string, { files }: { files: Files }): StatePages {
  const path = join(folder, manifestFile);
  const read = async () => {
    const bytes = await readFile(files, path);
    if (!bytes) return undefined;
    const [set = "", text = ""] = splitOnce(fromUtf8(bytes));
    return { set: Number(set), text };
  };
  const leave = async (set: number) => {
    for (const name of await files.list(folder))
      if (name !== manifestFile && !name.startsWith(`${set}-`))
        await files.remove(join(folder, name));
  };
  let openSet = 0;
  return {
    async manifest() {
      const found = await read().catch(() => undefined);
      openSet = found?.set ?? 0;
      return found?.text;
    },
    async page(at) {
      const bytes = await readFile(files, join(folder, pageFile(openSet, at))).catch(
        () => undefined,
      );
      return bytes && fromUtf8(bytes);
    },
    async write(pages, manifest) {
      const before = (await read().catch(() => undefined))?.set ?? 0;
      const set = before + 1;
      try {
        await makeFolders(files, folder);
        for (const [at, text] of pages.entries())
          await writeFile(files, join(folder, pageFile(set, at)), utf8(text));
        await replaceFile(files, path, utf8(`${set}\n${manifest}`));
        await leave(set);
      } catch (error) {
        // What room there is belongs to the books.
        await leave(before).catch(() => undefined);
        throw faultOf(error);
      }
    },
  };
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf("\n");
  return [text.slice(0, at), text.slice(at + 1)];
}

async function writeFile(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(path);
  try {
    await file.truncate(0);
    await writeAll(file, bytes, 0);
  } finally {
    await file.close();
  }
}
