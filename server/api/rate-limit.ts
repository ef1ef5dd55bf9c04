import type { Clock } from "../../shared/journal/ports.ts";

/** A bucket that refills steadily: `burst` at once, `perSecond` in the long run. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #atMs: number;

  constructor(clock: Clock, { burst, perSecond }: Rate) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
    this.#atMs = clock.nowMs();
  }

  /** Takes tokens, going into debt if it must; @returns milliseconds until the debt is paid */
  take(count: number): number {
    const nowMs = this.#clock.nowMs();
    const refill = (Math.max(0, nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + refill) - count;
    this.#atMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1000);
  }

  /** Gives back what was taken for something that turned out to be welcome. */
  giveBack(count: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + count);
  }

  /** Takes tokens only if they are there. */
  tryTake(count: number): boolean {
    const debtMs = this.take(count);
    if (debtMs > 0) this.#tokens += count;
    return debtMs === 0;
  }
}

const addressesMax = 5000;

interface Rate {
  burst: number;
  perSecond: number;
}

/** So many per address, and so many from all addresses together. */
export class AddressLimit {
  readonly #clock: Clock;
  readonly #each: Rate;
  readonly #byAddress = new Map<string, TokenBucket>();
  readonly #all: TokenBucket;

  constructor(clock: Clock, { each, all }: { each: Rate; all: Rate }) {
    this.#clock = clock;
    this.#each = each;
    this.#all = new TokenBucket(clock, all);
  }

  allows(address: string): boolean {
    let bucket = this.#byAddress.get(address);
    if (!bucket) {
      bucket = new TokenBucket(this.#clock, this.#each);
      this.#byAddress.set(address, bucket);
      const [oldest] = this.#byAddress.keys();
      if (this.#byAddress.size > addressesMax && oldest !== undefined)
        this.#byAddress.delete(oldest);
    }
    return bucket.tryTake(1) && this.#all.tryTake(1);
  }
}
