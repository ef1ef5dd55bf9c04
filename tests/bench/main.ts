import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { measureFold, measureOpening } from "./parts/fold-part.ts";
import { measureKill } from "./parts/kill-part.ts";
import { measureLoad, saturation, steady } from "./parts/load-part.ts";
import { refillPeer, refillYoubei } from "./parts/refill-part.ts";
import { measureSnapshots } from "./parts/snapshot-part.ts";
import { measureStored } from "./parts/stored-part.ts";
import { benchFolder } from "./project-folder.ts";
import { chartOf } from "./report/chart.ts";
import { type BenchResults, tablesOf } from "./report/tables.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { type StoredShop, storeShop } from "./shop/stored-shop.ts";
import { appendLog, hocuspocus, plain, safeHocuspocus, youbei } from "./systems/systems.ts";

// Measures ours beside its peers, one thing after the other. Arguments choose parts: load kill stored
// refill fold snapshots; `quick` makes the stored ones small, to see that everything works.
const wanted = new Set(process.argv.slice(2));
const isQuick = wanted.delete("quick");
const has = (part: string) => wanted.size === 0 || wanted.has(part);
/** A shop after some years. */
const shopSize = { members: 10_000, operations: 200_000 };
const sizes = isQuick ? [2000] : [50_000, 300_000];
const say = (text: string) => process.stderr.write(`${text}\n`);

const scratch = scratchFolder();
const results: BenchResults = {
  date: new Date().toISOString().slice(0, 10),
  machine: {
    cpu: cpus()[0]?.model ?? "",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  },
  saturated: [],
  steady: [],
  kill: [],
  stored: [],
  refill: [],
  fold: [],
  snapshots: [],
};
// What was measured is there although the rest is stopped.
const folder = join(benchFolder, "results");
mkdirSync(folder, { recursive: true });
const everybody = [youbei, hocuspocus, safeHocuspocus, plain, appendLog];

if (has("load")) {
  for (const system of everybody) {
    say(`load: ${system.name}`);
    results.saturated.push(await measureLoad(scratch, system, "frames", saturation));
    results.steady.push(await measureLoad(scratch, system, "frames", steady));
    keep();
    if (system.drivers.provider === undefined) continue;
    const fewer = { ...saturation, updatesEach: 300 };
    results.saturated.push(await measureLoad(scratch, system, "provider", fewer));
  }
}
if (has("kill"))
  for (const system of [youbei, hocuspocus, safeHocuspocus, plain])
    for (const perSecond of [0, 40]) {
      say(`kill: ${system.name}`);
      results.kill.push(await measureKill(scratch, system, perSecond));
      keep();
    }
if (has("stored") || has("refill") || has("fold")) {
  for (const operations of sizes) {
    say(`writing ${operations} sales`);
    await measureShop(await storeShop(scratch, operations));
  }
  if (has("fold")) results.fold.push(await measureOpening(scratch, isQuick ? 2000 : 50_000));
}
if (has("snapshots")) {
  const size = isQuick ? { members: 100, operations: 2000 } : shopSize;
  say(`snapshots: writing ${size.operations} operations`);
  results.snapshots.push(...(await measureSnapshots(scratch, size)));
}

process.stdout.write(keep());
process.exit(0);

async function measureShop(stored: StoredShop): Promise<void> {
  const { operations } = stored;
  if (has("stored"))
    for (const system of [youbei, hocuspocus, plain]) {
      say(`stored: ${system.name}`);
      results.stored.push(await measureStored(scratch, system, stored));
      keep();
    }
  // One device brings two hundred runs a second: the larger size would take half an hour.
  if (has("refill") && operations === sizes[0]) {
    say("refill");
    results.refill.push(await refillYoubei(scratch, stored));
    for (const system of [hocuspocus, plain])
      results.refill.push(await refillPeer(scratch, system, stored));
    keep();
  }
  if (has("fold")) results.fold.push(await measureFold(scratch, stored));
}

function keep(): string {
  const tables = tablesOf(results);
  writeFileSync(join(folder, "results.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileSync(join(folder, "results.md"), tables);
  writeFileSync(join(folder, "ratios.svg"), chartOf(results));
  return tables;
}
