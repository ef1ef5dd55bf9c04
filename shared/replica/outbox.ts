import type { Run } from "../journal/run.ts";
import { readSeal, type Seal } from "../journal/seal.ts";

/** Own runs that no document holds yet, oldest first. */
export class Outbox {
  readonly #runsBySeal = new Map<string, { run: Run; seal: Seal }>();

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

  /** The run that holds an operation. */
  find(chain: string, seq: number): { run: Run; first: number } | undefined {
    for (const { run, seal } of this.#runsBySeal.values())
      if (seal.chain === chain && seal.first <= seq && seq <= seal.last)
        return { run, first: seal.first };
    return undefined;
  }

  from(chain: string, seq: number): Run[] {
    return [...this.#runsBySeal.values()]
      .filter(({ seal }) => seal.chain === chain && seal.last >= seq)
      .map(({ run }) => run);
  }

  /** How many operations from a sequence on are here. */
  operationsFrom(next: number): number {
    let count = 0;
    for (const { seal } of this.#runsBySeal.values())
      count += Math.max(0, seal.last - Math.max(seal.first, next) + 1);
    return count;
  }
}
