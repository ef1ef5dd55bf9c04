import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";
import { Dice } from "./dice.ts";

/** One thing that somebody could send. */
export interface Campaign<Mutant> {
  name: string;
  count: number;
  make(dice: Dice, index: number): Mutant;
  /** Gives it to the victim. @throws when a promise is broken */
  attack(mutant: Mutant, dice: Dice): void | Promise<void>;
  /** the mutant, for people */
  show(mutant: Mutant): string;
  /** Called now and then, and at the end: what is too slow to look at every time. */
  look?(): void | Promise<void>;
  lookEvery?: number;
  /** CPU that one mutant may take where it is more than one input, milliseconds. */
  stallMsMax?: number;
  /** Heap that the campaign may have gained, garbage not counted, bytes. */
  heapMax?: number;
}

export interface CampaignReport {
  mutants: number;
  /** longest time that one mutant took, milliseconds */
  slowestMs: number;
  heapGrowth: number;
}

/** One mutant may hold the event loop for so long. */
const stallMsMax = 250;
const heapEvery = 2000;
const defaultHeapMax = 96 * 1024 * 1024;
const shownMax = 2000;

/** `YOUBEI_FUZZ_SEED=7` takes another path; `YOUBEI_FUZZ=name:7:4711` makes one mutant again. */
const seed = process.env["YOUBEI_FUZZ_SEED"] ?? "1";
const replay = process.env["YOUBEI_FUZZ"];

/**
 * Runs a campaign. An error names the mutant and the command that replays it alone; where the victim
 * remembers earlier mutants, the same seed without a replay leads there again.
 */
export async function runCampaign<Mutant>(campaign: Campaign<Mutant>): Promise<CampaignReport> {
  const report: CampaignReport = { mutants: 0, slowestMs: 0, heapGrowth: 0 };
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);
  process.on("unhandledRejection", onRejection);
  const heapBefore = heapInUse();
  try {
    for (const id of idsOf(campaign)) {
      const dice = new Dice(id);
      const mutant = campaign.make(dice, indexOf(id));
      await guarded(campaign, id, mutant, async () => {
        const ms = await timed(() => campaign.attack(mutant, dice));
        report.slowestMs = Math.max(report.slowestMs, ms);
        if (ms > (campaign.stallMsMax ?? stallMsMax)) throw new Error(`took ${Math.round(ms)} ms`);
        if (rejections.length > 0) throw new Error(`unhandled: ${String(rejections[0])}`);
        report.mutants++;
        if (report.mutants % (campaign.lookEvery ?? 100) === 0) await campaign.look?.();
        if (report.mutants % 50 === 0) await breathe();
        if (report.mutants % heapEvery === 0) {
          const growth = heapInUse() - heapBefore;
          report.heapGrowth = Math.max(report.heapGrowth, growth);
          if (growth > (campaign.heapMax ?? defaultHeapMax))
            throw new Error(`the heap grew by ${growth} bytes`);
        }
      });
    }
    await campaign.look?.();
    await breathe();
    expect(rejections, "unhandled rejections").toEqual([]);
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  return report;
}

function* idsOf({ name, count }: { name: string; count: number }): Generator<string> {
  if (replay !== undefined) {
    if (replay.startsWith(`${name}:`)) yield replay;
    return;
  }
  for (let index = 0; index < count; index++) yield `${name}:${seed}:${index}`;
}

const indexOf = (id: string): number => Number(id.slice(id.lastIndexOf(":") + 1));

async function guarded<Mutant>(
  { show }: Campaign<Mutant>,
  id: string,
  mutant: Mutant,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const shown = show(mutant).slice(0, shownMax);
    const again = `YOUBEI_FUZZ=${id} npm test -- tests/fuzz`;
    throw new Error(`${id}: ${what}\n${shown}\nthis one again: ${again}`, { cause });
  }
}

/** Milliseconds that really were spent: a machine that is busy with something else does not count. */
async function timed(run: () => void | Promise<void>): Promise<number> {
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return Math.min(performance.now() - startMs, (user + system) / 1000);
}

/** Lets timers and rejections come through. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Bytes that somebody still holds. */
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
