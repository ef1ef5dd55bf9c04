import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../project-folder.ts";
import { freshFolder } from "../scratch-folder.ts";
import { enrolHeadless } from "../shop/headless-device.ts";
import type { StoredShop } from "../shop/stored-shop.ts";
import { runProgram, startMeasured } from "../systems/measured-process.ts";
import { type System, youbei } from "../systems/systems.ts";
import { fetchCopy } from "./copies.ts";
import { folderOf } from "./stored-part.ts";

export interface RefillRow {
  system: string;
  operations: number;
  /** a device that had nothing fetches, checks, stores and folds everything; ours only */
  joinSeconds?: number;
  /** from the start of the emptied server until it held everything that it will */
  refillSeconds: number;
  /** of all operations */
  cameBack: number;
  diskMb: number;
}

const project = { cwd: projectFolder };
const main = "build/server/main.js";

/** A server with nothing left is refilled by one headless device that holds everything. */
export async function refillYoubei(scratch: string, stored: StoredShop): Promise<RefillRow> {
  const folder = await folderOf(scratch, youbei, stored);
  const first = await startMeasured(youbei.program(folder));
  const port = Number(new URL(first.url).port);
  const device = freshFolder(scratch, "device");
  await enrolHeadless(device, stored.shop, first.url);
  const joining = performance.now();
  await runProgram({ args: [main, "replica", "sync", "--json", "--data", device] });
  const joinSeconds = (performance.now() - joining) / 1000;
  await first.kill();

  const emptied = freshFolder(scratch, "emptied");
  const words = join(scratch, "words.txt");
  writeFileSync(words, stored.shop.recoveryWords);
  const began = performance.now();
  const server = await startMeasured({
    args: [main, "recover", "--empty", "--recovery-key-file", words, "--json"].concat([
      "--data",
      emptied,
      "--port",
      String(port),
    ]),
    env: { YOUBEI_LOG: "error" },
  });
  const running = spawn(process.execPath, [main, "replica", "run", "--data", device], {
    ...project,
    stdio: "ignore",
  });
  try {
    const { count, seconds } = await untilItRests(stored.operations, began, () =>
      operationsAt(emptied),
    );
    return {
      system: youbei.name,
      operations: stored.operations,
      joinSeconds,
      refillSeconds: seconds,
      cameBack: count,
      diskMb: server.read().writtenBytes / 1e6,
    };
  } finally {
    running.kill("SIGKILL");
    await server.kill();
    rmSync(emptied, { recursive: true });
  }
}

/** A provider that holds everything meets the same address with nothing behind it. */
export async function refillPeer(
  scratch: string,
  system: System,
  stored: StoredShop,
): Promise<RefillRow> {
  const folder = await folderOf(scratch, system, stored);
  const first = await startMeasured(system.program(folder));
  const port = Number(new URL(first.url).port);
  const holder = join(scratch, "holder.json");
  writeFileSync(
    holder,
    JSON.stringify({
      copier: join(projectFolder, system.copier ?? ""),
      url: first.url,
      shopFile: "",
    }),
  );
  const held = spawn(
    process.execPath,
    ["--import", "tsx", "tests/bench/load/hold-copy.ts", holder, String(stored.operations)],
    { ...project, stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise((resolve) => held.stdout.once("data", resolve));
  await first.kill();
  const emptied = freshFolder(scratch, "emptied");
  const began = performance.now();
  const server = await startMeasured(system.program(emptied, port));
  try {
    const order = { url: server.url, shopFile: "", elements: stored.operations, textsFile: "" };
    const { elements, seconds } = await fetchCopy(scratch, system, {
      ...order,
      patienceMs: 60_000,
    });
    const isWhole = elements === stored.operations;
    return {
      system: system.name,
      operations: stored.operations,
      refillSeconds: isWhole ? (performance.now() - began) / 1000 : seconds,
      cameBack: elements,
      diskMb: server.read().writtenBytes / 1e6,
    };
  } finally {
    held.kill("SIGKILL");
    await server.kill();
  }
}

const stillMs = 60_000;

/** Asks until everything is there, or nothing more comes for a minute. */
async function untilItRests(
  wanted: number,
  began: number,
  ask: () => Promise<number>,
): Promise<{ count: number; seconds: number }> {
  let count = 0;
  let grewMs = performance.now();
  while (count < wanted && performance.now() - grewMs < stillMs) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const now = await ask();
    if (now > count) grewMs = performance.now();
    count = now;
  }
  return { count, seconds: (grewMs - began) / 1000 };
}

async function operationsAt(folder: string): Promise<number> {
  const status = await runProgram({ args: [main, "status", "--json", "--data", folder] });
  return (JSON.parse(status) as { operations?: number }).operations ?? 0;
}
