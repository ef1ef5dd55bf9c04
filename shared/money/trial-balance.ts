import { assert } from "../outcome/assert.ts";

/** One side of an entry: debit positive, credit negative, fen. */
export interface Posting {
  account: string;
  amount: number;
}

/** Sums by account over everything that counts; the whole is always zero. */
export class TrialBalance {
  #fenByAccount = new Map<string, number>();

  post(postings: readonly Posting[]): void {
    const total = postings.reduce((sum, { amount }) => sum + amount, 0);
    assert(total === 0, "every operation balances");
    for (const { account, amount } of postings) {
      const sum = (this.#fenByAccount.get(account) ?? 0) + amount;
      assert(Number.isSafeInteger(sum), "an account stays within safe integers");
      this.#fenByAccount.set(account, sum);
    }
  }

  fen(account: string): number {
    return this.#fenByAccount.get(account) ?? 0;
  }

  /** Accounts by name, those at zero left out. */
  accounts(): Record<string, number> {
    const sorted = [...this.#fenByAccount].filter(([, fen]) => fen !== 0);
    return Object.fromEntries(sorted.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

export const storedValueAccount = "stored-value";
export const tenderAccount = (tender: string): string => `tender/${tender}`;

export const reversed = (postings: readonly Posting[]): Posting[] =>
  postings.map(({ account, amount }) => ({ account, amount: amount === 0 ? 0 : -amount }));
