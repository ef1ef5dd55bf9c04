import type { Clock } from "../../shared/journal/ports.ts";

/** A bucket that refills steadily: `burst` at once, `perSecond` in the long run. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #atMs: number;

  constructor(clock: Clock, { burst, perSecond }: { burst: number; perSecond: number }) {
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

  /** Takes tokens only if they are there. */
  tryTake(count: number): boolean {
    const debtMs = this.take(count);
    if (debtMs > 0) this.#tokens += count;
    return debtMs === 0;
  }
}

const addressesMax = 5000;

/** Guesses at codes: so many per address, and so many from all addresses together. */
export class GuessLimit {
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, TokenBucket>();
  readonly #all: TokenBucket;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = new TokenBucket(clock, { burst: 300, perSecond: 5 });
  }

  allows(address: string): boolean {
    let bucket = this.#byAddress.get(address);
    if (!bucket) {
      bucket = new TokenBucket(this.#clock, { burst: 20, perSecond: 0.5 });
      this.#byAddress.set(address, bucket);
      const [oldest] = this.#byAddress.keys();
      if (this.#byAddress.size > addressesMax && oldest !== undefined)
        this.#byAddress.delete(oldest);
    }
    return bucket.tryTake(1) && this.#all.tryTake(1);
  }
}
