import { randomBytes } from "node:crypto";
import type { Clock, RandomSource } from "../../shared/journal/ports.ts";
import type { Timers } from "../../shared/replica/device-session.ts";

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemRandom: RandomSource = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
};

export const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
