import fs from "node:fs";
import type { LockFiles } from "../../server/data/data-lock.ts";
import type { Files, OpenFile } from "../../server/storage/files.ts";
import { roleOf, type Strike } from "./write-points.ts";

/** Ends this process with SIGKILL where it was told to. */
export class Executioner {
  readonly #hitsFile: string;
  #strike: Strike | undefined;
  #left = 0;

  /** @param hitsFile where the point's name is written before the end */
  constructor(hitsFile: string) {
    this.#hitsFile = hitsFile;
  }

  arm(strike: Strike): void {
    this.#strike = strike;
    this.#left = strike.nth;
  }

  /** Counts this passage; @returns whether it is the last one */
  isDue(path: string, step: Strike["step"], when: Strike["when"]): boolean {
    const strike = this.#strike;
    if (strike?.step !== step || strike.when !== when || roleOf(path) !== strike.role) return false;
    this.#left--;
    return this.#left === 0;
  }

  /** Of the point at which it ends. */
  protected get pointName(): string {
    return this.#strike?.name ?? "";
  }

  /** Never returns. */
  kill(): void {
    fs.writeFileSync(this.#hitsFile, this.pointName);
    process.kill(process.pid, "SIGKILL");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }

  async around<Value>(
    path: string,
    step: Strike["step"],
    act: () => Promise<Value>,
  ): Promise<Value> {
    if (this.isDue(path, step, "before")) this.kill();
    const value = await act();
    if (this.isDue(path, step, "after")) this.kill();
    return value;
  }
}

/** Files of a process that may be killed at any step of theirs. */
export function lethalFiles(real: Files, executioner: Executioner): Files {
  return {
    stat: (path) => real.stat(path),
    list: (folder) => real.list(folder),
    makeFolder: (path) => executioner.around(path, "make", () => real.makeFolder(path)),
    // The name that matters is the one that both have in common: aside, or in place.
    rename: (from, to) =>
      executioner.around(roleOf(to) === "dead-lock" ? to : from, "rename", () =>
        real.rename(from, to),
      ),
    remove: (path) => executioner.around(path, "remove", () => real.remove(path)),
    syncFolder: (path) => executioner.around(path, "sync-folder", () => real.syncFolder(path)),
    async open(path) {
      const isNew = (await real.stat(path)) === undefined;
      const file = await real.open(path);
      if (isNew && executioner.isDue(path, "create", "after")) executioner.kill();
      return lethalFile(path, file, executioner);
    },
  };
}

function lethalFile(path: string, real: OpenFile, executioner: Executioner): OpenFile {
  return {
    ...real,
    async write(bytes, position) {
      if (executioner.isDue(path, "write", "torn")) {
        await real.write(bytes.subarray(0, bytes.length >> 1), position);
        executioner.kill();
      }
      return executioner.around(path, "write", () => real.write(bytes, position));
    },
    truncate: (length) => executioner.around(path, "truncate", () => real.truncate(length)),
    sync: () => executioner.around(path, "sync", () => real.sync()),
  };
}

/** A lock is created and filled in two steps: between them it is empty. */
export function lethalLockFiles(real: LockFiles, executioner: Executioner): LockFiles {
  return {
    createNew(path, content) {
      if (executioner.isDue(path, "create", "torn")) {
        fs.writeFileSync(path, "");
        executioner.kill();
      }
      return executioner.around(path, "create", () => real.createNew(path, content));
    },
  };
}

/** The catalogue is written by a library straight through `fs`. */
export function makeFsLethal(executioner: Executioner): void {
  const { open, rename, write } = fs;
  const paths = new Map<number, string>();
  const patched = {
    open(path: string, ...rest: unknown[]) {
      const opened = rest.pop() as (error: Error | null, fd: number) => void;
      (open as (...args: unknown[]) => void)(path, ...rest, (error: Error | null, fd: number) => {
        if (!error) paths.set(fd, String(path));
        opened(error, fd);
      });
    },
    write(fd: number, data: string, ...rest: unknown[]) {
      const path = paths.get(fd) ?? "";
      if (executioner.isDue(path, "write", "torn")) {
        fs.writeSync(fd, data.slice(0, data.length >> 1));
        executioner.kill();
      }
      if (executioner.isDue(path, "write", "before")) executioner.kill();
      (write as (...args: unknown[]) => void)(fd, data, ...rest);
    },
    rename(from: string, to: string, renamed: (error: Error | null) => void) {
      if (executioner.isDue(from, "rename", "before")) executioner.kill();
      rename(from, to, (error) => {
        if (executioner.isDue(from, "rename", "after")) executioner.kill();
        renamed(error);
      });
    },
  };
  Object.assign(fs, patched);
}
