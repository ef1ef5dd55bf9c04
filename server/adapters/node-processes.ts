import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import type { LockFiles, Processes } from "../data/data-lock.ts";
import { errorCode } from "../storage/files.ts";

export const nodeProcesses: Processes = {
  self: () => ({ pid: process.pid, started: startOf(process.pid) }),
  isAlive({ pid, started }) {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if (errorCode(error) === "ESRCH") return false;
    }
    return startOf(pid) === started;
  },
};

/** Ticks since boot when a process began; empty where the system has no /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; fields are counted after it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

export const nodeLockFiles: LockFiles = {
  async createNew(path, content) {
    try {
      const file = await open(path, "wx", 0o600);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    }
  },
};
