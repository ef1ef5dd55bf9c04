import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of its own in memory. */
export interface SmallDisk {
  path: string;
  /** As when it is pulled out: the folder is there, and empty. */
  unmount(): void;
  /** As by the switch on a card: nothing can be written any more. */
  protect(): void;
}

/** Root may, unless it is in a container that may not. */
export function mountSmallDisk(path: string, bytes: number): SmallDisk {
  mkdirSync(path, { recursive: true });
  const args = ["-t", "tmpfs", "-o", `size=${bytes},mode=0777`, "tmpfs", path];
  const { status, stderr, error } = spawnSync("/usr/bin/mount", args);
  if (status !== 0) throw new Error(`mount: ${error ?? stderr}`);
  return {
    path,
    unmount: () => void spawnSync("/usr/bin/umount", ["-l", path]),
    protect: () => void spawnSync("/usr/bin/mount", ["-o", "remount,ro", path]),
  };
}

export const canMount: boolean = (() => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "youbei-mount-"));
  try {
    mountSmallDisk(folder, 4096).unmount();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
})();
