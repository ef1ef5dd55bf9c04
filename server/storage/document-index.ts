import type { PlacedRecord } from "./record-log.ts";

/**
 * Which record of a document's file holds which elements; numbers only, so that memory does not grow
 * with what is stored. Records usually follow each other; after damage there may be holes, which
 * records appended later fill. A record from the first element on, where that is there already, begins
 * the document anew: what stands before it in the file is kept and no longer part of it.
 */
export class DocumentIndex {
  readonly #records: PlacedRecord[] = [];
  #length = 0;

  /** Elements that are there without a hole, from the first on. */
  get length(): number {
    return this.#length;
  }

  add(record: PlacedRecord): void {
    if (record.from === 0 && this.#length > 0) {
      this.#records.length = 0;
      this.#length = 0;
    }
    if (record.count === 0) return;
    const last = this.#records.at(-1);
    if (!last || record.from >= last.from + last.count) this.#records.push(record);
    else this.#insert(record);
    this.#measure();
  }

  /** The record that holds an element below `length`, and its place in order. */
  find(clock: number): { record: PlacedRecord; at: number } | undefined {
    let low = 0;
    let high = this.#records.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#records[middle] as PlacedRecord).from <= clock) low = middle;
      else high = middle - 1;
    }
    const record = this.#records[low];
    return record && record.from <= clock && clock < record.from + record.count
      ? { record, at: low }
      : undefined;
  }

  at(index: number): PlacedRecord | undefined {
    return this.#records[index];
  }

  #insert(record: PlacedRecord): void {
    const end = record.from + record.count;
    const kept = this.#records.filter(
      ({ from, count }) => from < record.from || from + count > end,
    );
    const at = kept.findIndex(({ from }) => from > record.from);
    kept.splice(at < 0 ? kept.length : at, 0, record);
    this.#records.splice(0, this.#records.length, ...kept);
    this.#length = 0;
  }

  #measure(): void {
    let found = this.find(this.#length);
    while (found) {
      this.#length = found.record.from + found.record.count;
      const next = this.#records[found.at + 1];
      found = next && next.from <= this.#length ? this.find(this.#length) : undefined;
    }
  }
}
