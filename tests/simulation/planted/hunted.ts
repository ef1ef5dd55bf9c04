import "../ambient.ts";
import type { FaultName } from "../faults.ts";
import { simulate } from "../simulate.ts";

/** What a checker said, and after how many histories. */
export interface Catch {
  checker: string;
  complaints: string[];
  seed: number;
}

/** What the process is told on its command line. */
export interface Errand {
  seedsMost: number;
  faults?: readonly FaultName[] | undefined;
}

const errand = JSON.parse(process.argv[2] ?? "{}") as Errand;
const { faults } = errand;
let ended: string | undefined;
// It would have ended a program of ours.
process.on("unhandledRejection", (error) => {
  ended ??= String(error);
});

let caught: Catch | undefined;
for (let seed = 1; seed <= errand.seedsMost && !caught; seed++) {
  const { broken } = await simulate(seed, faults ? { faults } : {});
  const found = broken ?? (ended && { checker: "no program ends", complaints: [ended] });
  if (found) caught = { ...found, seed };
}
process.stdout.write(`${JSON.stringify(caught ?? null)}\n`, () => process.exit(0));
