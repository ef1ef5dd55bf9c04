import { join } from "node:path";
import { hashText } from "../../shared/journal/bytes.ts";
import { deviceOfChain } from "../../shared/journal/operation.ts";
import type { Fork, ForkShelf } from "../relay/forks.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, replaceFile } from "../storage/whole-files.ts";
import { jsonBytes } from "./data-lock.ts";

const forksPerDeviceMax = 100;

/** Forked branches as files, named after device and content, so that a resend changes nothing. */
export function createForkShelf(dir: string, files: Files): ForkShelf {
  return {
    async keep(fork: Fork) {
      const device = deviceOfChain(fork.chain);
      const folder = join(dir, "forks");
      const name = `${device}-${fork.first}-${hashText(fork.run.seal).slice(0, 16)}.json`;
      const there = await files.list(folder);
      const own = there.filter((other) => other.startsWith(`${device}-`));
      if (there.includes(name) || own.length >= forksPerDeviceMax) return false;
      try {
        await makeFolders(files, folder);
        await replaceFile(files, join(folder, name), jsonBytes(fork));
        return true;
      } catch {
        return false;
      }
    },
  };
}
