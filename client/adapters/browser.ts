import type { Clock, RandomSource } from "../../shared/journal/ports.ts";
import type { Timers } from "../../shared/replica/timers.ts";

export const browserClock: Clock = { nowMs: () => Date.now() };

export const browserRandom: RandomSource = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

export const browserTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Small facts between starts; forgotten ones only cost another look. */
export const rememberIn = (prefix: string) => ({
  get: (name: string): string | undefined => localStorage.getItem(`${prefix}.${name}`) ?? undefined,
  set(name: string, value: string): void {
    try {
      localStorage.setItem(`${prefix}.${name}`, value);
    } catch {
      // Remembered again next time.
    }
  },
});

const databaseSetting = "youbei.database";

/** A device that is paired anew starts from an empty store; what it had before stays beside. */
export const databaseName = (): string => localStorage.getItem(databaseSetting) ?? "youbei";

export function startAnotherDatabase(): void {
  localStorage.setItem(databaseSetting, `youbei-${Date.now().toString(36)}`);
}
