import type { OperationRef } from "../journal/operation.ts";
import { compareTimestamps, type Timestamp } from "../time/hybrid-clock.ts";

/** One value that was written into a field. */
export interface FieldEdit {
  ref: OperationRef;
  hlc: Timestamp;
  /** who wrote it; empty for what a device does by itself */
  staff: string;
  /** the operation under whose seal the value lies: itself, or an earlier one; undefined: cleared */
  source: OperationRef | undefined;
}

/**
 * Who wrote one field, and what has been replaced. An edit beats whatever it cites; among those that
 * nobody cites the largest (clock, reference) is shown and the others are offered for review.
 * A function of the set of edits, whatever their order of arrival.
 */
export class FieldHistory {
  #edits: FieldEdit[] = [];
  #replaced = new Set<OperationRef>();

  add(edit: FieldEdit, cites: readonly OperationRef[]): void {
    this.#edits.push(edit);
    for (const ref of cites) this.#replaced.add(ref);
  }

  /** Of some of its edits the one that was shown when there were no others. */
  firstOf(refs: readonly OperationRef[]): FieldEdit | undefined {
    return this.#edits.filter(({ ref }) => refs.includes(ref)).sort(byClock)[0];
  }

  /** Uncited edits, the one that is shown first; more than one means a concurrent edit. */
  heads(): FieldEdit[] {
    return this.#edits.filter((edit) => !this.#replaced.has(edit.ref)).sort(byClock);
  }

  parts(): { edits: FieldEdit[]; replaced: Set<OperationRef> } {
    return { edits: this.#edits, replaced: this.#replaced };
  }

  static ofParts({ edits, replaced }: ReturnType<FieldHistory["parts"]>): FieldHistory {
    const history = new FieldHistory();
    history.#edits = edits;
    history.#replaced = replaced;
    return history;
  }
}

const byClock = (a: FieldEdit, b: FieldEdit): number =>
  compareTimestamps(b.hlc, a.hlc) || (a.ref < b.ref ? 1 : -1);
