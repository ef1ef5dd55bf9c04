import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "./project-folder.ts";

/** On the disk that the project is on, where nobody formats, checks or commits it; gone at the end. */
export function scratchFolder(): string {
  const parent = join(projectFolder, "node_modules/.tmp");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function freshFolder(scratch: string, name: string): string {
  const folder = join(scratch, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
