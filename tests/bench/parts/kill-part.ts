import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../project-folder.ts";
import { freshFolder } from "../scratch-folder.ts";
import { authorOf } from "../shop/sales-author.ts";
import { startMeasured } from "../systems/measured-process.ts";
import type { System } from "../systems/systems.ts";
import { fetchCopy } from "./copies.ts";
import { generate } from "./load-part.ts";
import { openShop } from "./open-shop.ts";

export interface KillRow {
  system: string;
  pace: string;
  acknowledged: number;
  lost: number;
}

const clients = 20;
const killAfter = 200;

/** 200 acknowledged, `kill -9` in the same turn, started again, and counted. */
export async function measureKill(
  scratch: string,
  system: System,
  perSecond: number,
): Promise<KillRow> {
  const folder = freshFolder(scratch, "kill");
  const shopFile = await openShop(folder, clients);
  const server = await startMeasured(system.program(folder));
  const { acknowledged } = await generate(scratch, {
    driver: join(projectFolder, system.drivers.frames),
    url: server.url,
    pid: server.pid,
    shopFile,
    clients,
    isKillSafe: system.isKillSafe,
    warmUp: 0,
    killAfter,
    updatesEach: 400,
    inFlight: 8,
    perSecond,
  });
  await server.kill();
  const again = await startMeasured(system.program(folder));
  const textsFile = join(scratch, "texts.jsonl");
  const order = { url: again.url, shopFile, elements: Number.MAX_SAFE_INTEGER, textsFile };
  await fetchCopy(scratch, system, { ...order, patienceMs: 2000 });
  await again.kill();
  const there = new Set<string>();
  for (const line of readFileSync(textsFile, "utf8").split("\n")) {
    const author = authorOf(line === "" ? "" : (JSON.parse(line) as string));
    if (author) there.add(`${author.till} ${author.nth}`);
  }
  const told = acknowledged.flatMap((count, till) =>
    Array.from({ length: count }, (_, nth) => `${till} ${nth}`),
  );
  return {
    system: system.name,
    pace: perSecond === 0 ? "in a burst" : `at ${perSecond}/s`,
    acknowledged: told.length,
    lost: told.filter((one) => !there.has(one)).length,
  };
}
