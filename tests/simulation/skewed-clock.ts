import type { Clock } from "../../shared/journal/ports.ts";
import type { Scheduler } from "./scheduler.ts";

/** When simulations begin: late in a month, so that some of them see the next. */
const epochMs = Date.UTC(2026, 10, 30, 15, 58, 0);

/** A machine's own idea of the time: wrong by so much, and going wrong further. */
export class SkewedClock implements Clock {
  skewMs: number;
  readonly #drift: number;
  readonly #scheduler: Scheduler;

  /** @param drift seconds gained in a second */
  constructor(scheduler: Scheduler, skewMs: number, drift: number) {
    this.#scheduler = scheduler;
    this.skewMs = skewMs;
    this.#drift = drift;
  }

  nowMs = (): number =>
    Math.floor(epochMs + this.#scheduler.nowMs * (1 + this.#drift) + this.skewMs);
}
