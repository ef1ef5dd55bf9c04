import { expect } from "vitest";
import { effort } from "../harness/effort.ts";
import { type Report, type SimulationOptions, simulate } from "./simulate.ts";

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
export async function expectUnbroken(seed: number, options?: SimulationOptions): Promise<Report> {
  const report = await simulate(seed, options);
  if (report.broken) expect.fail(await tell(report, options));
  return report;
}

/** The same story once more, this time written down. */
async function tell({ seed, broken }: Report, options?: SimulationOptions): Promise<string> {
  const { trace } = await simulate(seed, { ...options, keepTrace: true });
  const shown = process.env["YOUBEI_TRACE"] === "1" ? trace : trace.slice(-linesShown);
  return [
    `seed ${seed} broke the promise "${broken?.checker}":`,
    ...(broken?.complaints ?? []),
    ...(options
      ? [`with ${JSON.stringify(options)}; the end was`]
      : [
          `again: YOUBEI_SEED=${seed} npx vitest run --project node tests/simulation`,
          `all of it: the same with YOUBEI_TRACE=1; the end was`,
        ]),
    ...shown,
  ].join("\n");
}
