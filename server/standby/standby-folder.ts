import { join } from "node:path";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { liveFolder } from "../data/open-data.ts";
import { fileOfDocument } from "../storage/elements-file.ts";
import type { Files } from "../storage/files.ts";

/** Where, in a data folder, a standby keeps its replica. */
export const standbyFolder = (dir: string): string => join(dir, "standby");

/** Whether a data folder holds a server's organisation. */
export const isServersFolder = async (dir: string, files: Files): Promise<boolean> =>
  (await files.stat(join(liveFolder(dir), fileOfDocument(authorityDocument)))) !== undefined;

/** Whether a data folder stands by for another server, and was not promoted yet. */
export async function isStandbysFolder(dir: string, files: Files): Promise<boolean> {
  if (await isServersFolder(dir, files)) return false;
  return (
    (await files.stat(join(standbyFolder(dir), fileOfDocument(authorityDocument)))) !== undefined
  );
}
