import { expect } from "vitest";
import { effort } from "../harness/effort.ts";
import { type Report, simulate } from "./simulate.ts";

const histories = effort(300, 10_000);
const linesShown = 80;

/** The seeds of one of several test files, or the one that is asked for. */
export function seedsOf(part: number, parts: number): number[] {
  const one = process.env["YOUBEI_SEED"];
  if (one !== undefined) return part === 0 ? [Number(one)] : [];
  const all = Array.from({ length: histories }, (_, at) => at + 1);
  return all.filter((seed) => seed % parts === part);
}

/** Fails with everything that is needed to see it again. */
export async function expectUnbroken(seed: number): Promise<Report> {
  const report = await simulate(seed);
  if (report.broken) expect.fail(await tell(report));
  return report;
}

/** The same story once more, this time written down. */
async function tell({ seed, broken }: Report): Promise<string> {
  const { trace } = await simulate(seed, { keepTrace: true });
  const shown = process.env["YOUBEI_TRACE"] === "1" ? trace : trace.slice(-linesShown);
  return [
    `seed ${seed} broke the promise "${broken?.checker}":`,
    ...(broken?.complaints ?? []),
    `again: YOUBEI_SEED=${seed} npx vitest run --project node tests/simulation`,
    `all of it: the same with YOUBEI_TRACE=1; the end was`,
    ...shown,
  ].join("\n");
}
