import type { Timers } from "../../shared/replica/timers.ts";

/** Timers that run when they are told to. */
export class ManualTimers implements Timers {
  nowMs = 0;
  #waiting: { atMs: number; run: () => void }[] = [];

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, run };
    this.#waiting.push(timer);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== timer);
    };
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** What is under way goes as far as it can; then time passes, and what is due runs. */
  async pass(ms: number): Promise<void> {
    await settled();
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.#waiting
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.nowMs = next.atMs;
      next.run();
      await settled();
    }
    this.nowMs = untilMs;
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
