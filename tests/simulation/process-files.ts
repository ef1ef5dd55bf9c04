import type { Files, OpenFile } from "../../server/storage/files.ts";
import type { ForgetfulFiles } from "../harness/forgetful-files.ts";
import type { Dice } from "./dice.ts";
import type { Life, Scheduler } from "./scheduler.ts";

/** A server's disks as one program sees them. */
export interface Mount {
  /** absolute, without a slash at the end */
  at: string;
  files: ForgetfulFiles;
}

/** What disks do to whoever writes. */
export interface DiskMood {
  /** every step fails with this code; undefined: all is well */
  fault: string | undefined;
  slowMs: number;
}

/**
 * Files of one life: every step that changes something takes its time, and a program that died meanwhile
 * does not see it done.
 */
export function filesOfLife(
  { scheduler, dice, mood }: { scheduler: Scheduler; dice: Dice; mood: DiskMood },
  life: Life,
  mounts: readonly Mount[],
): Files {
  const place = (path: string): { files: ForgetfulFiles; path: string } => {
    const mount = mounts.find(({ at }) => path === at || path.startsWith(`${at}/`));
    if (!mount) throw Object.assign(new Error(`EACCES: ${path}`), { code: "EACCES" });
    return { files: mount.files, path: path.slice(mount.at.length) || "/" };
  };
  const change = async <Answer>(work: () => Promise<Answer>, share = 1): Promise<Answer> => {
    await scheduler.wait(dice.share() * mood.slowMs * share, life);
    if (mood.fault !== undefined)
      throw Object.assign(new Error(`${mood.fault}: as told`), { code: mood.fault });
    return work();
  };
  const handle = (file: OpenFile): OpenFile => ({
    size: () => file.size(),
    read: (into, position) => file.read(into, position),
    write: (bytes, position) =>
      change(async () => {
        // Most writes are whole, some are short.
        let written = await file.write(bytes, position);
        while (written < bytes.length && !dice.chance(0.05))
          written += await file.write(bytes.subarray(written), position + written);
        return written;
      }, 0.2),
    truncate: (length) => change(() => file.truncate(length), 0.2),
    sync: () => change(() => file.sync()),
    close: () => file.close(),
  });
  return {
    async open(path) {
      const there = place(path);
      return handle(await there.files.open(there.path));
    },
    stat: async (path) => {
      if (mounts.some(({ at }) => at.startsWith(`${path}/`))) return { folder: true, size: 0 };
      const there = place(path);
      return there.path === "/" ? { folder: true, size: 0 } : there.files.stat(there.path);
    },
    list: async (folder) => {
      const there = place(folder);
      return there.files.list(there.path);
    },
    makeFolder: (path) =>
      change(async () => {
        const there = place(path);
        return there.files.makeFolder(there.path);
      }, 0.2),
    rename: (from, to) =>
      change(async () => {
        const there = place(from);
        return there.files.rename(there.path, place(to).path);
      }, 0.2),
    remove: (path) =>
      change(async () => {
        const there = place(path);
        return there.files.remove(there.path);
      }, 0.2),
    syncFolder: (path) =>
      change(async () => {
        if (mounts.some(({ at }) => at.startsWith(`${path}/`))) return;
        const there = place(path);
        return there.files.syncFolder(there.path);
      }),
  };
}
