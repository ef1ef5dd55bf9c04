import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../project-folder.ts";
import { freshFolder } from "../scratch-folder.ts";
import type { StoredShop } from "../shop/stored-shop.ts";
import { type MeasuredProcess, runProgram, startMeasured } from "../systems/measured-process.ts";
import { hocuspocus, plain, type System, youbei } from "../systems/systems.ts";
import { fetchCopy } from "./copies.ts";
import { generate } from "./load-part.ts";

export interface StoredRow {
  system: string;
  operations: number;
  /** start of the process until it listens, seconds */
  startSeconds: number;
  /** start of the process until the first client had everything */
  firstSeconds: number;
  secondSeconds: number;
  /** what the clients had in the end, of everything */
  complete: boolean;
  rssMb: number;
  cpuSeconds: number;
  /** to disk for one more operation, until the server rests */
  bytesPerOperation: number;
}

/** Twice as long as Hocuspocus waits before it stores when nothing more comes. */
const restMs = 4000;
const moreOperations = 3;

/** A server is started on what is stored; two clients come one after the other; one more sale is made. */
export async function measureStored(
  scratch: string,
  system: System,
  stored: StoredShop,
): Promise<StoredRow> {
  const folder = await folderOf(scratch, system, stored);
  const shopFile = join(folder, "shop.json");
  writeFileSync(shopFile, JSON.stringify({ ...stored.shop, document: stored.document }));
  const server = await startMeasured(system.program(folder));
  try {
    const elements = stored.operations * system.elementsPerOperation;
    const order = { url: server.url, shopFile, elements, textsFile: "", patienceMs: 60_000 };
    const first = await fetchCopy(scratch, system, order);
    const second = await fetchCopy(scratch, system, order);
    const reading = server.read();
    const startSeconds = server.startMs / 1000;
    return {
      system: system.name,
      operations: stored.operations,
      startSeconds,
      firstSeconds: startSeconds + first.seconds,
      secondSeconds: second.seconds,
      complete: first.elements === elements && second.elements === elements,
      rssMb: reading.rssBytes / 1e6,
      cpuSeconds: reading.cpuSeconds,
      bytesPerOperation: await bytesOfOneMore(scratch, system, server, stored, shopFile),
    };
  } finally {
    await server.kill();
  }
}

/** At the last till, which has sold nothing yet. */
async function bytesOfOneMore(
  scratch: string,
  system: System,
  server: MeasuredProcess,
  stored: StoredShop,
  shopFile: string,
): Promise<number> {
  const { shop } = stored;
  const tillFile = `${shopFile}.till`;
  const devices = shop.devices.slice(-1);
  writeFileSync(tillFile, JSON.stringify({ ...shop, devices, document: stored.document }));
  await rest();
  const before = server.read().writtenBytes;
  await generate(scratch, {
    driver: join(projectFolder, system.drivers.frames),
    url: server.url,
    pid: server.pid,
    shopFile: tillFile,
    clients: 1,
    updatesEach: moreOperations,
    inFlight: 1,
    perSecond: 1 / (restMs / 1000),
    isKillSafe: system.isKillSafe,
    warmUp: 0,
    killAfter: 0,
  });
  await rest();
  return (server.read().writtenBytes - before) / moreOperations;
}

const rest = () => new Promise((resolve) => setTimeout(resolve, restMs));

/** Each measurement on a copy of its own: a first start changes what the second finds. */
export async function folderOf(
  scratch: string,
  system: System,
  stored: StoredShop,
): Promise<string> {
  const folder = freshFolder(scratch, "stored");
  if (system === youbei) cpSync(stored.dir, folder, { recursive: true });
  else await fillPeers(stored, folder);
  return folder;
}

async function fillPeers({ linesFile }: StoredShop, folder: string): Promise<void> {
  const level = plain.program(folder).args[1] ?? "";
  const sqlite = hocuspocus.program(folder).args[1] ?? "";
  await runProgram({ args: ["tests/bench/peers/fill-stores.mjs", linesFile, level, sqlite] });
}
