import { cpSync } from "node:fs";
import { join } from "node:path";
import { liveFolder } from "../../../server/data/open-data.ts";
import { benchFolder } from "../project-folder.ts";
import { freshFolder } from "../scratch-folder.ts";
import { foundShop } from "../shop/bench-shop.ts";
import { enrolHeadless } from "../shop/headless-device.ts";
import { storeMembers } from "../shop/member-list.ts";
import type { StoredShop } from "../shop/stored-shop.ts";
import { runProgram } from "../systems/measured-process.ts";

/** Ours alone: what every start of a replica costs. */
export interface FoldRow {
  what: string;
  count: number;
  seconds: number;
  stateHashSeconds?: number;
  rssMb: number;
}

export async function measureFold(scratch: string, stored: StoredShop): Promise<FoldRow> {
  const folder = freshFolder(scratch, "fold");
  await enrolHeadless(folder, stored.shop, "http://127.0.0.1");
  cpSync(join(liveFolder(stored.dir), "documents"), join(folder, "documents"), { recursive: true });
  return { what: "fold sales from the store", ...(await alone("fold", folder, "", "")) };
}

export async function measureOpening(scratch: string, members: number): Promise<FoldRow> {
  const { org, store, ...shop } = await foundShop(freshFolder(scratch, "founded"), 1);
  const folder = freshFolder(scratch, "members");
  await storeMembers(folder, { org, store, ...shop }, members);
  return { what: "open and list members", ...(await alone("open", folder, org, store)) };
}

async function alone(...args: string[]): Promise<Omit<FoldRow, "what">> {
  const program = ["--import", "tsx", join(benchFolder, "parts/fold-alone.ts"), ...args];
  return JSON.parse(await runProgram({ args: program })) as Omit<FoldRow, "what">;
}
