/** Below this an amount is added in one step, and eight of it are the largest that a number holds. */
const limb = 2 ** 50;

/**
 * A sum of any number of amounts, exact whatever their order: nobody may stop everybody's books by
 * recording the largest amount often enough. What is beyond a safe integer shows as the largest one.
 */
export class FenSum {
  #limbs = 0;
  #rest = 0;

  /** @param amount fen, a safe integer */
  add(amount: number): void {
    const rest = this.#rest + (amount % limb);
    this.#limbs += Math.trunc(amount / limb) + Math.trunc(rest / limb);
    this.#rest = rest % limb;
  }

  /** fen */
  get fen(): number {
    if (Math.abs(this.#limbs) > 8) return Math.sign(this.#limbs) * Number.MAX_SAFE_INTEGER;
    const sum = this.#limbs * limb + this.#rest;
    if (Number.isSafeInteger(sum)) return sum === 0 ? 0 : sum;
    return Math.sign(sum) * Number.MAX_SAFE_INTEGER;
  }

  parts(): readonly [limbs: number, rest: number] {
    return [this.#limbs, this.#rest];
  }

  static ofParts([limbs, rest]: ReturnType<FenSum["parts"]>): FenSum {
    const sum = new FenSum();
    sum.#limbs = limbs;
    sum.#rest = rest;
    return sum;
  }
}

export function sumFen(amounts: Iterable<number>): number {
  const sum = new FenSum();
  for (const amount of amounts) sum.add(amount);
  return sum.fen;
}
