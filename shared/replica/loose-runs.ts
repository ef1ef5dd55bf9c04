import type { ChainId } from "../journal/operation.ts";
import type { Run } from "../journal/run.ts";
import { readSeal, type Seal } from "../journal/seal.ts";

/**
 * Runs that no document here holds yet, oldest first: own ones on their way to the server, and others'
 * that came by another way, from a rescue file or because we asked for them.
 */
export class LooseRuns {
  readonly #runsBySeal = new Map<string, { run: Run; seal: Seal }>();

  constructor(runs: readonly Run[] = []) {
    for (const run of runs) this.add(run);
  }

  add(run: Run): void {
    const seal = readSeal(run.seal);
    if (seal) this.#runsBySeal.set(run.seal, { run, seal });
  }

  remove(seal: string): void {
    this.#runsBySeal.delete(seal);
  }

  has(seal: string): boolean {
    return this.#runsBySeal.has(seal);
  }

  runs(): Run[] {
    return [...this.#runsBySeal.values()].map(({ run }) => run);
  }

  bySeal(seal: string): Run | undefined {
    return this.#runsBySeal.get(seal)?.run;
  }

  /** The run that holds an operation; `isAside` tells those that contradict their chain. */
  find(
    chain: ChainId,
    seq: number,
    isAside: (head: string) => boolean,
  ): { run: Run; first: number } | undefined {
    for (const { run, seal } of this.#runsBySeal.values())
      if (seal.chain === chain && seal.first <= seq && seq <= seal.last && !isAside(seal.head))
        return { run, first: seal.first };
    return undefined;
  }

  /** How many operations of a chain from a sequence on are here. */
  operationsFrom(chain: ChainId, next: number): number {
    let count = 0;
    for (const { seal } of this.#runsBySeal.values())
      if (seal.chain === chain) count += Math.max(0, seal.last - Math.max(seal.first, next) + 1);
    return count;
  }
}
