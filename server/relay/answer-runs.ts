import type { ChainId } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import type { OperationReader } from "../../shared/replica/operation-reader.ts";

const runsMost = 400;
/** Characters; stays below a mebibyte with what is wrapped around it. */
const lengthMost = 300_000;

/** Runs of a chain for a device that lacks them, as many as fit one message. */
export async function answerRuns(
  reader: OperationReader,
  chain: ChainId,
  seq: number,
): Promise<Run[]> {
  const runs: Run[] = [];
  let length = 0;
  for (let next = seq; runs.length < runsMost; ) {
    const [run] = await reader.runsFrom(chain, next, 1);
    const seal = run && readSeal(run.seal);
    if (!run || !seal) break;
    length += run.operations.reduce((sum, text) => sum + text.length, run.seal.length);
    if (runs.length > 0 && length > lengthMost) break;
    runs.push(run);
    next = seal.last + 1;
  }
  return runs;
}
