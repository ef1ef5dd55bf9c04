import type { DocumentName } from "../documents/document-name.ts";
import { type ChainId, type OperationRef, splitRef } from "../journal/operation.ts";
import type { Run } from "../journal/run.ts";
import { isSealText, readSeal } from "../journal/seal.ts";

/** Where a run stands in a stored document. */
export interface RunPlace {
  first: number;
  last: number;
  document: DocumentName;
  /** clock of its first operation; its seal follows the last */
  at: number;
  /** names a loose run, which no document holds yet; then `document` is empty */
  seal?: string;
}

/** Which stored run holds which operation: numbers only, so that history need not stay in memory. */
export class OperationPlaces {
  readonly #runsByChain = new Map<ChainId, RunPlace[]>();

  add(chain: ChainId, place: RunPlace): void {
    const runs = this.#runsByChain.get(chain);
    if (!runs) this.#runsByChain.set(chain, [place]);
    else if ((runs[runs.length - 1]?.last ?? -1) < place.first) runs.push(place);
    else if (!runs.some((run) => run.first <= place.first && run.last >= place.last)) {
      runs.push(place);
      runs.sort((a, b) => a.first - b.first);
    }
  }

  /** A document now holds what was loose. */
  arrived(chain: ChainId, place: RunPlace): void {
    const known = this.#search(chain, place.first);
    if (known?.document !== "" || known.first !== place.first || known.last !== place.last) return;
    known.document = place.document;
    known.at = place.at;
    delete known.seal;
  }

  find(ref: OperationRef): RunPlace | undefined {
    const { chain, seq } = splitRef(ref);
    return this.#search(chain, seq);
  }

  /** The run that holds `seq`, or the first one after it. */
  from(chain: ChainId, seq: number): RunPlace | undefined {
    const runs = this.#runsByChain.get(chain) ?? [];
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((runs[middle] as RunPlace).last < seq) low = middle + 1;
      else high = middle;
    }
    return runs[low];
  }

  #search(chain: ChainId, seq: number): RunPlace | undefined {
    const runs = this.#runsByChain.get(chain) ?? [];
    let low = 0;
    let high = runs.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const run = runs[middle] as RunPlace;
      if (seq < run.first) high = middle - 1;
      else if (seq > run.last) low = middle + 1;
      else return run;
    }
    return undefined;
  }
}

/**
 * Cuts a document's elements into runs.
 * @returns the runs with the clock of each, and how many elements belong to whole runs
 */
export function runsIn(
  elements: readonly string[],
  from: number,
): {
  runs: { run: Run; chain: ChainId; at: number; first: number; last: number }[];
  whole: number;
} {
  const runs = [];
  let start = 0;
  for (let index = 0; index < elements.length; index++) {
    const text = elements[index] as string;
    if (!isSealText(text)) continue;
    const seal = readSeal(text);
    const operations = elements.slice(start, index);
    const { chain = "", first = 0, last = 0 } = seal ?? {};
    runs.push({ run: { operations, seal: text }, chain, at: from + start, first, last });
    start = index + 1;
  }
  return { runs, whole: start };
}
