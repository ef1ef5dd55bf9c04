import { join } from "node:path";
import type { Files } from "../storage/files.ts";
import { readAll } from "../storage/whole-files.ts";
import { isTargetName, type Target, TargetFault, type TargetFile } from "./target.ts";

const readBytes = 1024 * 1024;

/**
 * Whatever lies in a folder, to be recovered from: a medium on any machine, or what somebody fetched by
 * hand. Nothing is written, and no marker is asked for.
 */
export function readFolder(root: string, files: Files): Target {
  const below = async (folder: string): Promise<TargetFile[]> => {
    const found: TargetFile[] = [];
    for (const part of await files.list(join(root, folder))) {
      const name = folder === "" ? part : `${folder}/${part}`;
      const stat = isTargetName(name) ? await files.stat(join(root, name)) : undefined;
      if (stat?.folder) found.push(...(await below(name)));
      else if (stat) found.push({ name, bytes: stat.size });
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const isForReading = () =>
    Promise.reject(new TargetFault("refused", `${root} is only read from here`));
  return {
    list: below,
    async *get(name, from = 0) {
      const path = join(root, name);
      if (!(await files.stat(path))) throw new TargetFault("not-there", `there is no ${name}`);
      const file = await files.open(path);
      try {
        for (let at = from; ; ) {
          const bytes = await readAll(file, at, readBytes);
          if (bytes.length === 0) return;
          at += bytes.length;
          yield bytes;
        }
      } finally {
        await file.close();
      }
    },
    put: isForReading,
    remove: isForReading,
    close: async () => undefined,
  };
}
