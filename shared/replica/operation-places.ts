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

/**
 * Places of one chain: documents by name, four numbers for each place (which of them, its first operation,
 * how many more, its clock), and the seals of those that are loose.
 */
export type PlacesParts = readonly [
  chain: ChainId,
  documents: readonly DocumentName[],
  numbers: readonly number[],
  seals: readonly string[],
];

const placesInEntry = 500;

function partsOf(places: readonly RunPlace[]): [DocumentName[], number[], string[]] {
  const documents = [...new Set(places.map(({ document }) => document))];
  const numbers = places.flatMap(({ document, first, last, at }) => [
    documents.indexOf(document),
    first,
    last - first,
    at,
  ]);
  return [documents, numbers, places.flatMap(({ seal }) => seal ?? [])];
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

  /** A few hundred places at a time. */
  *entries(): Generator<PlacesParts> {
    for (const [chain, runs] of this.#runsByChain)
      for (let at = 0; at < runs.length; at += placesInEntry)
        yield [chain, ...partsOf(runs.slice(at, at + placesInEntry))];
  }

  /** @returns those of loose runs */
  take([chain, documents, numbers, seals]: PlacesParts): RunPlace[] {
    const runs = this.#runsByChain.get(chain) ?? [];
    this.#runsByChain.set(chain, runs);
    const loose: RunPlace[] = [];
    for (let from = 0; from < numbers.length; from += 4) {
      const [of = 0, first = 0, length = 0, at = 0] = numbers.slice(from, from + 4);
      const document = documents[of] ?? "";
      const place: RunPlace = { first, last: first + length, document, at };
      if (document === "") {
        place.seal = seals[loose.length] ?? "";
        loose.push(place);
      }
      runs.push(place);
    }
    return loose;
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
