import type { OperationRef } from "../journal/operation.ts";

/** Who took a sale back. Anybody may say it again and again; it is put in order when somebody asks. */
export class Reversals {
  readonly #refs: OperationRef[] = [];
  /** the smallest reference: shown as the one that took it back */
  first: OperationRef | undefined;

  get length(): number {
    return this.#refs.length;
  }

  add(reversal: OperationRef): void {
    this.#refs.push(reversal);
    if (this.first === undefined || reversal < this.first) this.first = reversal;
  }

  sorted(): OperationRef[] {
    return [...this.#refs].sort();
  }

  parts(): readonly OperationRef[] {
    return this.#refs;
  }

  static ofParts(refs: readonly OperationRef[]): Reversals {
    const reversals = new Reversals();
    for (const ref of refs) reversals.add(ref);
    return reversals;
  }
}
