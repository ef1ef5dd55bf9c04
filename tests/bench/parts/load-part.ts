import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadOrder, LoadResult } from "../load/load-client.ts";
import { benchFolder, projectFolder } from "../project-folder.ts";
import { freshFolder } from "../scratch-folder.ts";
import { runProgram, startMeasured } from "../systems/measured-process.ts";
import { type System, youbei } from "../systems/systems.ts";
import { openShop } from "./open-shop.ts";

export interface LoadRow extends LoadResult {
  system: string;
  acknowledgedMeans: string;
  clients: string;
}

const clients = 20;

/** As fast as acknowledgements come: 20 clients, each with several updates on the way. */
export const saturation = { updatesEach: 900, warmUp: 2000, inFlight: 8, perSecond: 0 };
/** What a busy chain of shops might do: delays without a queue. */
export const steady = { updatesEach: 120, warmUp: 400, inFlight: 0, perSecond: 400 };

export async function measureLoad(
  scratch: string,
  system: System,
  kind: "frames" | "provider",
  load: typeof saturation,
): Promise<LoadRow> {
  const folder = freshFolder(scratch, "load");
  const shopFile = await openShop(folder, clients);
  const server = await startMeasured(system.program(folder));
  try {
    const result = await generate(scratch, {
      driver: join(projectFolder, system.drivers[kind] ?? ""),
      url: server.url,
      pid: server.pid,
      shopFile,
      clients,
      isKillSafe: system.isKillSafe,
      killAfter: 0,
      ...load,
    });
    return {
      system: system.name,
      acknowledgedMeans: system.acknowledged,
      clients: kind === "frames" ? "frames" : "its own provider",
      ...result,
    };
  } finally {
    await server.kill();
  }
}

export async function generate(scratch: string, order: LoadOrder): Promise<LoadResult> {
  const file = join(scratch, "order.json");
  writeFileSync(file, JSON.stringify(order));
  const args = ["--import", "tsx", join(benchFolder, "load/generate-load.ts"), file];
  return JSON.parse(await runProgram({ args })) as LoadResult;
}

export const isOurs = (system: System): boolean => system.name === youbei.name;
