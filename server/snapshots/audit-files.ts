import { join } from "node:path";
import type { Damage } from "../../shared/replica/ports.ts";
import { documentOfFile } from "../storage/elements-file.ts";
import type { Files } from "../storage/files.ts";
import { scanLog } from "../storage/record-log.ts";
import type { Finding } from "./finding.ts";

/** Reads every record of a live store's files again, whoever has it open, and changes nothing. */
export async function auditFiles(files: Files, live: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const path of await recordFiles(files, live, "")) {
    const file = await files.open(join(live, path));
    try {
      // What follows the last good record may be in the middle of being written.
      const { bad } = await scanLog(file, () => undefined);
      for (const { offset, length } of bad)
        findings.push(
          findingOf({ where: path, what: `${length} bytes at ${offset} are damaged` }, new Map()),
        );
    } finally {
      await file.close();
    }
  }
  return findings;
}

/** What a store found when it was opened; a document cannot be read from the damage on. */
export function findingOf({ where, what }: Damage, lengths: ReadonlyMap<string, number>): Finding {
  const document = documentOfFile(where);
  if (document === undefined) return { where, what };
  const length = lengths.get(document);
  const reach = length === undefined ? "" : `; it can be read up to element ${length}`;
  return { where, what: `${what}${reach}`, document };
}

/** A write that a crash interrupted was never acknowledged: nobody lost anything. */
export const isTornTail = ({ what }: Damage): boolean => what.startsWith("torn tail");

async function recordFiles(files: Files, live: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await files.list(join(live, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if ((await files.stat(join(live, path)))?.folder)
      found.push(...(await recordFiles(files, live, path)));
    else if (name.endsWith(".records")) found.push(path);
  }
  return found;
}
