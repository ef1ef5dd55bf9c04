import { join } from "node:path";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { openProposals } from "../../shared/access/proposals.ts";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile } from "../storage/whole-files.ts";
import type { RestorePlan } from "./restore-plan.ts";

export interface PlanPlace {
  /** the server's data folder */
  dir: string;
  files: Files;
}

/** Keeps what was proposed, durably, so that what is approved is that list and no other. @throws StoreFault */
export async function keepPlan(
  { dir, files }: PlanPlace,
  proposal: string,
  plan: RestorePlan,
): Promise<void> {
  await makeFolders(files, folderIn(dir));
  await replaceFile(files, pathOf(dir, proposal), utf8(JSON.stringify(plan)));
}

/** @returns undefined where there is none; whether it is what was approved is told by its hash */
export async function readPlan(
  { dir, files }: PlanPlace,
  proposal: string,
): Promise<RestorePlan | undefined> {
  const bytes = await readFile(files, pathOf(dir, proposal));
  try {
    return bytes && (JSON.parse(fromUtf8(bytes)) as RestorePlan);
  } catch {
    return undefined;
  }
}

/** Lists of acts that were done or came to nothing are not kept for ever. */
export async function forgetClosedPlans(
  { dir, files }: PlanPlace,
  authority: AuthorityState,
): Promise<void> {
  const open = new Set(openProposals(authority).map(({ id }) => `${id}.json`));
  const folder = folderIn(dir);
  if (!(await files.stat(folder))?.folder) return;
  for (const name of await files.list(folder))
    if (!open.has(name)) await files.remove(join(folder, name));
}

const folderIn = (dir: string): string => join(dir, "restores");
const pathOf = (dir: string, proposal: string): string => join(folderIn(dir), `${proposal}.json`);
