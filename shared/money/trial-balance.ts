import { assert } from "../outcome/assert.ts";
import { FenSum } from "./fen-sum.ts";

/** One side of an entry: debit positive, credit negative, fen. */
export interface Posting {
  account: string;
  amount: number;
}

/**
 * Sums by account over everything that counts; the whole is always zero. Exact inside, however large;
 * what is beyond a safe integer shows as the largest one.
 */
export class TrialBalance {
  readonly #sums = new Map<string, FenSum>();

  post(postings: readonly Posting[]): void {
    const total = postings.reduce((sum, { amount }) => sum + amount, 0);
    assert(total === 0, "every operation balances");
    for (const { account, amount } of postings) {
      const sum = this.#sums.get(account) ?? new FenSum();
      this.#sums.set(account, sum);
      sum.add(amount);
    }
  }

  fen(account: string): number {
    return this.#sums.get(account)?.fen ?? 0;
  }

  /** Accounts by name, those at zero left out. */
  accounts(): Record<string, number> {
    const sums = [...this.#sums].map(([account, { fen }]) => [account, fen] as const);
    const sorted = sums.filter(([, fen]) => fen !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted);
  }

  sums(): Iterable<readonly [account: string, sum: FenSum]> {
    return this.#sums;
  }

  takeSum(account: string, sum: FenSum): void {
    this.#sums.set(account, sum);
  }
}

export const storedValueAccount = "stored-value";
export const tenderAccount = (tender: string): string => `tender/${tender}`;

export const reversed = (postings: readonly Posting[]): Posting[] =>
  postings.map(({ account, amount }) => ({ account, amount: amount === 0 ? 0 : -amount }));
